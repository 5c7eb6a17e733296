package import Foundation

/// A change that waits for a second administrator: because it widens privileged access (decision 17), or because it
/// would end too many people's within an hour (decision 26).
package struct PendingConfirmation: Sendable, Hashable, Identifiable {
  package enum State: String, Sendable { case pending, confirmed, rejected, expired, void }

  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package private(set) var state: State
  /// What it is about, and in which version that was judged; 0 for what was not there.
  package let object: UUID
  package let objectVersion: Int
  package let widens: [Widening]
  package let people: Int
  /// Some of the people.
  package let sample: [UUID]
  package let askedBy: Administrator
  package let askedAt: Date
  package let expiresAt: Date
  package private(set) var decidedBy: Administrator?
  package private(set) var decidedAt: Date?

  package static let lifetime = Period.days(7)
  /// How long it is kept once it is decided.
  package static let retention = Period.days(400)
  package static let sampleSize = 20

  package init(
    id: UUID, tenant: UUID, version: Int = 1, state: State = .pending, object: UUID, objectVersion: Int,
    widens: [Widening], people: Int, sample: [UUID], askedBy: Administrator, askedAt: Date, expiresAt: Date,
    decidedBy: Administrator? = nil, decidedAt: Date? = nil
  ) {
    (self.id, self.tenant, self.version, self.state) = (id, tenant, version, state)
    (self.object, self.objectVersion) = (object, objectVersion)
    (self.widens, self.people, self.sample) = (widens, people, sample)
    (self.askedBy, self.askedAt, self.expiresAt) = (askedBy, askedAt, expiresAt)
    (self.decidedBy, self.decidedAt) = (decidedBy, decidedAt)
  }

  /// A second administrator says yes. What it is about having changed meanwhile, it is void instead.
  ///
  /// - Parameters:
  ///   - askers: everybody who is the person that asked.
  ///   - seen: how many people the dry run said; `now` is how many there are.
  package mutating func confirm(
    by administrator: Administrator, askers: Set<UUID>, objectVersion: Int, people: (seen: Int, now: Int),
    at now: Date
  ) throws(Refusal) {
    try requirePending(at: now)
    if administrator.isSame(as: askedBy, known: askers) {
      throw Refusal(.ownChange, "Whoever asked for a change does not confirm it; another administrator does.")
    }
    if objectVersion != self.objectVersion { return decide(.void, by: administrator, at: now) }
    if people.now > people.seen {
      throw Refusal(
        .dryRunOutdated, "It would come to more people than the dry run said; look again.", field: "people",
        hint: "\(people.now)")
    }
    decide(.confirmed, by: administrator, at: now)
  }

  /// Any administrator says no; whoever asked takes it back so.
  package mutating func reject(by administrator: Administrator, at now: Date) throws(Refusal) {
    try requirePending(at: now)
    decide(.rejected, by: administrator, at: now)
  }

  /// Its time is up.
  package mutating func expire(_ due: Due) {
    guard state == .pending, due.aggregate == id, due.at.isSameInstant(as: expiresAt) else { return }
    (version, state, decidedAt) = (version + 1, .expired, due.at)
  }

  private func requirePending(at now: Date) throws(Refusal) {
    switch state {
    case .pending where now.microseconds < expiresAt.microseconds: return
    case .pending, .expired:
      throw Refusal(
        .confirmationExpired, "It waited too long; ask for the change again.",
        hint: id.uuidString.lowercased())
    case .void:
      throw Refusal(.confirmationVoid, "What it is about changed meanwhile; ask for the change again.")
    case .confirmed, .rejected:
      throw Refusal(.alreadyDecided, "It has been decided.", hint: state.rawValue)
    }
  }

  private mutating func decide(_ next: State, by administrator: Administrator, at now: Date) {
    (version, state, decidedBy, decidedAt) = (version + 1, next, administrator, now)
  }
}

/// Somebody who administers: a person of ours, or whoever signed in there.
package struct Administrator: Sendable, Hashable {
  package let subject: UUID?
  package let identity: Identity

  package init(subject: UUID?, identity: Identity) {
    (self.subject, self.identity) = (subject, identity)
  }

  /// Whether it is the same human being as the other, who is known as these people.
  package func isSame(as other: Administrator, known people: Set<UUID>) -> Bool {
    if identity == other.identity { return true }
    guard let subject else { return false }
    return subject == other.subject || people.contains(subject)
  }
}
