package import Foundation

/// What is known elsewhere of a person whose values are to be erased (decision 27).
package struct ErasureFacts: Sendable {
  /// Requests that wait, and access that has not ended.
  package var standing: [UUID]
  /// Changes about the person that wait for a second administrator, or were asked for by the person.
  package var waiting: [UUID]
  /// Whether the person may still have an account that we made.
  package var hasAccount: Bool
  /// Who stands in for the person, and is not to be erased with them.
  package var survivor: UUID?
  /// Other subjects that are the same person and are under a legal hold.
  package var held: [UUID]

  package init(
    standing: [UUID] = [], waiting: [UUID] = [], hasAccount: Bool = false, survivor: UUID? = nil,
    held: [UUID] = []
  ) {
    (self.standing, self.waiting, self.hasAccount) = (standing, waiting, hasAccount)
    (self.survivor, self.held) = (survivor, held)
  }
}

extension Subject {
  package var isErased: Bool { erasedAt != nil }

  /// Everything that stands in the way of erasing the person's values.
  package func obstacles(toErasure facts: ErasureFacts) -> [Reason] {
    var reasons: [Reason] = []
    if isHeld {
      reasons.append(
        Reason(
          .underLegalHold, "The person is under a legal hold: \(legalHold?.reason ?? "")", field: "id",
          hint: "lift it first"))
    } else if let other = facts.held.first {
      reasons.append(
        Reason(
          .underLegalHold, "The person is under a legal hold, as another subject.", field: "id",
          hint: other.uuidString.lowercased()))
    }
    if let survivor = facts.survivor {
      reasons.append(
        Reason(
          .inUse, "The person was merged into another subject, and is erased with it.", field: "id",
          hint: survivor.uuidString.lowercased()))
    }
    if leftAt == nil {
      reasons.append(
        Reason(.accessNotEnded, "The person has not left.", field: "id", hint: "end the person first"))
    }
    if let first = facts.standing.first {
      reasons.append(
        Reason(
          .accessNotEnded, "\(facts.standing.count) requests or assignments of the person stand.",
          field: "id",
          hint: first.uuidString.lowercased()))
    }
    if let first = facts.waiting.first {
      reasons.append(
        Reason(
          .inUse, "\(facts.waiting.count) changes wait that concern the person.", field: "id",
          hint: first.uuidString.lowercased()))
    }
    if facts.hasAccount {
      reasons.append(
        Reason(
          .accountNotDeleted, "The person's account has not been deleted.", field: "id",
          hint: "once the lifecycle has deleted it; it does so with guests who are under governance"))
    }
    return reasons
  }

  /// Forgets everything but ids and what follows from them.
  package mutating func erase(at now: Date) {
    guard erasedAt == nil else { return }
    (name, email, displayName, identities) = ("", "", "", [])
    if let standing = bar { bar = Bar(reason: "", until: standing.until) }
    if let past = legalHold { legalHold = LegalHold(reason: "", setAt: past.setAt, liftedAt: past.liftedAt) }
    (erasedAt, version) = (now, version + 1)
  }
}

extension AccessRequest {
  /// The same request of a person whose values were erased.
  package var erased: AccessRequest {
    var copy = self
    copy.forget()
    return copy
  }
}
