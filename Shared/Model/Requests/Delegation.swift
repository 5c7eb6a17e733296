package import Foundation

/// Lets somebody decide beside an approver for a while. One step far: a delegate's delegate decides nothing.
package struct Delegation: Sendable, Hashable {
  package let approver: UUID
  package let delegate: UUID
  package let startsAt: Date
  /// Nil: until it is taken back.
  package let endsAt: Date?

  package init(approver: UUID, delegate: UUID, startsAt: Date, endsAt: Date?) {
    (self.approver, self.delegate) = (approver, delegate)
    (self.startsAt, self.endsAt) = (startsAt, endsAt)
  }

  package func isActive(at now: Date) -> Bool {
    startsAt <= now && endsAt.map { now < $0 } ?? true
  }
}
