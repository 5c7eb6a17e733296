package import Foundation

/// A person, with 1..n identities; never keyed by e-mail (decision 1).
package struct Subject: Sendable, Hashable, Identifiable {
  package enum Kind: String, Sendable { case external, member }

  /// A person with a bar may neither ask nor decide nor be revived (decision 6).
  package struct Bar: Sendable, Hashable {
    package let reason: String
    package let until: Date?

    package init(reason: String, until: Date?) {
      (self.reason, self.until) = (reason, until)
    }
  }

  package let id: UUID
  package let tenant: UUID
  package var version: Int
  package var name: String
  package var email: String
  /// Only a sign-in says so, and proves nothing: the address leads to nobody.
  package var isEmailClaimed: Bool
  package var displayName: String
  package var kind: Kind
  package var identities: [Identity]
  package var organization: UUID?
  package var bar: Bar?
  package var leftAt: Date?
  /// Whom a member reports to.
  package var manager: UUID?
  /// Who answers for the person.
  package var sponsors: [UUID]
  /// The person whom this one is, too: shared by all that administrators have linked; nil for one by itself.
  package var person: UUID?
  /// Who stands in for this one: whoever signs in as it is that one.
  package var mergedInto: UUID?
  /// Since when all accounts are blocked, whatever the lifecycle says.
  package var cutOffAt: Date?
  /// Whoever signed in before it is nobody any more.
  package var sessionsNotBefore: Date?
  package var legalHold: LegalHold?
  /// Since when nothing is known of the person but the id.
  package var erasedAt: Date?

  package static let mostSponsors = 5

  package init(
    id: UUID, tenant: UUID, version: Int = 1, name: String = "", email: String, displayName: String,
    kind: Kind,
    identities: [Identity], organization: UUID? = nil, bar: Bar? = nil, leftAt: Date? = nil,
    manager: UUID? = nil, sponsors: [UUID] = [], person: UUID? = nil, cutOffAt: Date? = nil,
    sessionsNotBefore: Date? = nil, mergedInto: UUID? = nil, legalHold: LegalHold? = nil,
    erasedAt: Date? = nil, isEmailClaimed: Bool = false
  ) {
    (self.id, self.tenant, self.version, self.name) = (id, tenant, version, name)
    (self.email, self.displayName, self.kind, self.identities) = (email, displayName, kind, identities)
    (self.organization, self.bar, self.leftAt) = (organization, bar, leftAt)
    (self.manager, self.sponsors, self.person) = (manager, sponsors, person)
    (self.cutOffAt, self.sessionsNotBefore) = (cutOffAt, sessionsNotBefore)
    self.mergedInto = mergedInto
    (self.legalHold, self.erasedAt, self.isEmailClaimed) = (legalHold, erasedAt, isEmailClaimed)
  }

  /// Cuts the person off at once: barred, every account blocked, every session ended. Said again, it ends the sessions
  /// that began since.
  package mutating func cutOff(because reason: String, at now: Date) {
    bar = Bar(reason: reason, until: nil)
    (cutOffAt, sessionsNotBefore, version) = (cutOffAt ?? now, now, version + 1)
  }

  /// The person may sign in anew; whether there was anything to be lifted.
  package mutating func restore() -> Bool {
    guard cutOffAt != nil else { return false }
    (cutOffAt, bar, version) = (nil, nil, version + 1)
    return true
  }

  package func isBarred(at now: Date) -> Bool {
    guard let bar else { return false }
    return bar.until.map { now < $0 } ?? true
  }

  package var target: Target {
    Target(subject: id, email: email, displayName: displayName, isMember: kind == .member)
  }

  /// Whoever acts for it: the one that it was merged into, else itself.
  package var standIn: UUID { mergedInto ?? id }
}

/// (issuer, the issuer's stable id of the person): what a person is recognized by.
package struct Identity: Sendable, Hashable {
  package let issuer: String
  package let subject: String

  package init(issuer: String, subject: String) {
    (self.issuer, self.subject) = (issuer, subject)
  }
}

/// The person that a request, an assignment or a guest is about, as known when it was written.
package struct Target: Sendable, Hashable {
  package let subject: UUID
  package var email: String
  package var displayName: String
  package var isMember: Bool

  package init(subject: UUID, email: String, displayName: String, isMember: Bool) {
    (self.subject, self.email, self.displayName, self.isMember) = (subject, email, displayName, isMember)
  }
}
