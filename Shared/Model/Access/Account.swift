/// A guest's account at one connector. Vestibule never issues credentials.
package struct Account: Sendable, Hashable {
  package let connector: String
  package private(set) var externalID: String?
  /// Whether we made it; what was there before us is never deleted, and blocked only by an administrator.
  package private(set) var provenance: Entitlement.Provenance?
  package private(set) var state: State

  package enum State: String, Sendable, CaseIterable {
    case inviting, active, blocking, blocked, unblocking, deleting, deleted, failed
  }

  package init(
    connector: String, externalID: String? = nil, provenance: Entitlement.Provenance? = nil,
    state: State = .inviting
  ) {
    (self.connector, self.externalID, self.provenance, self.state) = (
      connector, externalID, provenance, state
    )
  }

  /// Whether the connector has still to be told something.
  package var isPending: Bool {
    switch state {
    case .inviting, .blocking, .unblocking, .deleting: true
    case .active, .blocked, .deleted, .failed: false
    }
  }

  package func isSettled(for presence: Guest.Presence) -> Bool {
    if provenance == .found { return !isPending }
    switch presence {
    case .active: return state == .active
    case .blocked: return state == .blocked || state == .deleted
    case .absent: return state == .deleted
    }
  }

  /// What is wanted of the guest has changed.
  ///
  /// - Parameter isCutOff: an administrator's word reaches accounts, too, that we did not make.
  package mutating func follow(_ presence: Guest.Presence, isCutOff: Bool = false) {
    switch (presence, state) {
    case (.active, .deleted), (.active, .failed): (state, externalID, provenance) = (.inviting, nil, nil)
    case (.active, .blocked), (.active, .blocking): state = .unblocking
    case (.active, .active), (.active, .inviting), (.active, .unblocking), (.active, .deleting): break
    case (.blocked, .active), (.blocked, .unblocking), (.blocked, .inviting):
      if provenance != .found || isCutOff { state = .blocking }
    case (.blocked, .blocking), (.blocked, .blocked), (.blocked, .deleting), (.blocked, .deleted),
      (.blocked, .failed):
      break
    case (.absent, .deleted), (.absent, .deleting): break
    case (.absent, .inviting), (.absent, .active), (.absent, .blocking), (.absent, .blocked),
      (.absent, .unblocking),
      (.absent, .failed):
      if provenance != .found { state = .deleting }
    }
  }

  package enum Answer: Sendable, Hashable {
    case present(externalID: String, provenance: Entitlement.Provenance)
    case blocked
    case deleted
    case failed
  }

  /// The connector has done what it was asked; an answer that no longer fits says nothing.
  package mutating func answered(_ answer: Answer) {
    switch (state, answer) {
    case (.inviting, .present(let id, let origin)):
      (externalID, provenance, state) = (id, provenance ?? origin, .active)
    case (.unblocking, .present(let id, _)):
      (externalID, state) = (id, .active)
    case (.blocking, .blocked): state = .blocked
    case (.deleting, .deleted): state = .deleted
    case (.inviting, .failed), (.unblocking, .failed): state = .failed
    case (.inviting, _), (.unblocking, _), (.blocking, _), (.deleting, _), (.active, _), (.blocked, _),
      (.deleted, _),
      (.failed, _):
      break
    }
  }
}
