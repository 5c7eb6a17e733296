package import Foundation

extension ApprovalProcess {
  /// That an approver took back what was approved.
  package struct Revocation: Sendable, Hashable {
    package let by: UUID
    package let justification: String
    package let at: Date
    package private(set) var state: State

    /// What becomes of what the approval gave. It only goes on and never back, so that it does not matter in which order
    /// and how often it is heard of.
    package enum State: String, Sendable, CaseIterable {
      /// It ends, unless that turns out to be so much at once that it waits.
      case revoked
      /// It stays until a second administrator confirms (decision 26).
      case waiting
      /// It ends: a second administrator has confirmed.
      case confirmed
      /// It stays: nobody confirmed in time, or somebody rejected it. It can be taken back anew.
      case lapsed
    }

    package init(by: UUID, justification: String, at: Date, state: State = .revoked) {
      (self.by, self.justification, self.at, self.state) = (by, justification, at, state)
    }

    /// What became of the confirmation that it waits for; nil where that says nothing new.
    mutating func follow(_ confirmation: PendingConfirmation.State) -> Event? {
      switch (state, confirmation) {
      case (.revoked, .pending):
        state = .waiting
        return .revocationWaits
      case (.revoked, .confirmed), (.waiting, .confirmed):
        state = .confirmed
        return .revoked
      case (.revoked, .rejected), (.revoked, .expired), (.revoked, .void), (.waiting, .rejected),
        (.waiting, .expired), (.waiting, .void):
        state = .lapsed
        return .revocationLapsed
      case (.waiting, .pending), (.confirmed, _), (.lapsed, _):
        return nil
      }
    }

    /// The instant tells it from the one before, whichever clock said that.
    func after(_ earlier: Self?) -> Self {
      guard let earlier, at.microseconds <= earlier.at.microseconds else { return self }
      return Self(by: by, justification: justification, at: Date(microseconds: earlier.at.microseconds + 1))
    }
  }
}
