package import Foundation

/// While it stands, nothing of a person is erased or forgotten.
package struct LegalHold: Sendable, Hashable {
  package let reason: String
  package let setAt: Date
  package private(set) var liftedAt: Date?

  package init(reason: String, setAt: Date, liftedAt: Date? = nil) {
    (self.reason, self.setAt, self.liftedAt) = (reason, setAt, liftedAt)
  }

  package var stands: Bool { liftedAt == nil }

  fileprivate func lifted(at now: Date) -> LegalHold {
    LegalHold(reason: reason, setAt: setAt, liftedAt: now)
  }
}

extension Subject {
  package var isHeld: Bool { legalHold?.stands ?? false }

  /// Said again with another reason, it is a new hold.
  ///
  /// - Returns: whether anything has changed.
  package mutating func hold(because reason: String, at now: Date) -> Bool {
    if let legalHold, legalHold.stands, legalHold.reason == reason { return false }
    (legalHold, version) = (LegalHold(reason: reason, setAt: now), version + 1)
    return true
  }

  /// - Returns: whether there was a hold to be lifted.
  package mutating func liftHold(at now: Date) -> Bool {
    guard let standing = legalHold, standing.stands else { return false }
    (legalHold, version) = (standing.lifted(at: now), version + 1)
    return true
  }
}
