package import Foundation

/// Somebody from outside who has, or had, access: bears the subject's id. Owned by provisioning.
package struct Guest: Sendable, Hashable, Identifiable {
  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package private(set) var target: Target
  /// Only governed guests are blocked and deleted by the clock: those made by us, or put under governance.
  package private(set) var isGoverned: Bool
  /// Whether an administrator has said so; else it follows from who made the accounts.
  package private(set) var isLifecycleChosen: Bool
  package private(set) var presence: Presence
  package private(set) var accounts: [Account]
  package private(set) var liveAssignments: Int
  package private(set) var blockCauses: Set<BlockCause>
  package private(set) var blockedAt: Date?
  package private(set) var blockDueAt: Date?
  package private(set) var deleteDueAt: Date?

  /// What the tenant wants of the person's accounts.
  package enum Presence: String, Sendable, CaseIterable { case active, blocked, absent }

  /// Why a guest may not sign in; approval lifts only `lifecycle` (decision 22).
  package enum BlockCause: String, Sendable, CaseIterable { case lifecycle, administrator, external }

  package enum State: String, Sendable, CaseIterable {
    case inviting, active, blocking, blocked, unblocking, deleting, deleted, failed
  }

  /// A fact about a guest; the event type is `guest.` and this.
  package enum Event: String, Sendable, CaseIterable {
    case invited, blocked, revived, deleted
    case lifecycleChanged = "lifecycle-changed"
  }

  package init(
    id: UUID, tenant: UUID, version: Int, target: Target, isGoverned: Bool, isLifecycleChosen: Bool = false,
    presence: Presence, accounts: [Account],
    liveAssignments: Int, blockCauses: Set<BlockCause>, blockedAt: Date?, blockDueAt: Date?,
    deleteDueAt: Date?
  ) {
    (self.id, self.tenant, self.version, self.target) = (id, tenant, version, target)
    (self.isGoverned, self.presence, self.accounts) = (isGoverned, presence, accounts)
    self.isLifecycleChosen = isLifecycleChosen
    (self.liveAssignments, self.blockCauses) = (liveAssignments, blockCauses)
    (self.blockedAt, self.blockDueAt, self.deleteDueAt) = (blockedAt, blockDueAt, deleteDueAt)
  }

  /// Derived from the accounts (decision 19).
  package var state: State {
    if accounts.contains(where: { $0.state == .failed }) { return .failed }
    switch presence {
    case .active:
      if accounts.contains(where: { $0.state == .inviting }) { return .inviting }
      return accounts.contains { $0.state == .unblocking } ? .unblocking : .active
    case .blocked: return accounts.allSatisfy { $0.isSettled(for: .blocked) } ? .blocked : .blocking
    case .absent: return accounts.allSatisfy { $0.isSettled(for: .absent) } ? .deleted : .deleting
    }
  }
}

extension Guest {
  /// A person who is to become a guest; accounts follow with the first role of each connector.
  package static func invite(_ target: Target, tenant: UUID) -> (Guest, [Event]) {
    let guest = Guest(
      id: target.subject, tenant: tenant, version: 1, target: target, isGoverned: !target.isMember,
      presence: .active, accounts: [], liveAssignments: 0, blockCauses: [], blockedAt: nil, blockDueAt: nil,
      deleteDueAt: nil)
    return (guest, [.invited])
  }

  /// An assignment begins: whatever was scheduled against the guest is off, a lifecycle block is lifted. A guest
  /// that is being deleted waits for that and is then invited anew.
  package mutating func assignmentBegan(_ newest: Target) -> [Event] {
    (liveAssignments, target, version) = (liveAssignments + 1, newest, version + 1)
    return revive()
  }

  /// Follows a changed address or name; whether there was a change.
  package mutating func rename(_ newest: Target) -> Bool {
    guard newest != target else { return false }
    (target, version) = (newest, version + 1)
    return true
  }

  /// An assignment's access is gone for good.
  package mutating func assignmentEnded(
    settings: LifecycleSettings, hasOpenRequest: Bool, at now: Date
  ) -> [Event] {
    (liveAssignments, version) = (max(0, liveAssignments - 1), version + 1)
    return settle(settings: settings, hasOpenRequest: hasOpenRequest, at: now)
  }

  /// What the guest was granted begins on a day to come: no deletion is on its way any more. The block stays until then.
  package mutating func startScheduled() -> [Event] {
    guard presence == .blocked, deleteDueAt != nil else { return [] }
    (deleteDueAt, version) = (nil, version + 1)
    return [.blocked]
  }

  /// What the guest was kept for has come to nothing: the deletion comes after all, with time to tell of it.
  private mutating func scheduleAnew(_ settings: LifecycleSettings, at now: Date) -> [Event] {
    guard presence == .blocked, deleteDueAt == nil else { return [] }
    schedule(settings)
    guard let day = deleteDueAt else { return [] }
    (deleteDueAt, version) = (max(day, now + .days(7)), version + 1)
    return [.blocked]
  }

  /// Brings an idle governed guest to what the settings demand. Open requests postpone it, and what a changed setting has
  /// planned happens on its day and not before.
  package mutating func settle(settings: LifecycleSettings, hasOpenRequest: Bool, at now: Date) -> [Event] {
    guard liveAssignments == 0, isGoverned, !hasOpenRequest else { return [] }
    guard isStillToGo else { return scheduleAnew(settings, at: now) }
    if let blockDueAt, blockDueAt > now { return [] }
    switch settings.action {
    case .none:
      return []
    case .blockSignIn, .blockSignInAndDelete:
      blockCauses.insert(.lifecycle)
      (blockedAt, blockDueAt, version) = (blockedAt ?? now, nil, version + 1)
      turn(to: .blocked)
      schedule(settings)
      return [.blocked]
        + (deleteDueAt.map { $0 <= now } == true ? delete(hasOpenRequest: false, at: now) : [])
    }
  }

  /// Whether the lifecycle has not begun with the guest, though somebody else may have blocked them.
  private var isStillToGo: Bool {
    switch presence {
    case .active: true
    case .blocked: !blockCauses.contains(.lifecycle)
    case .absent: false
    }
  }

  /// An administrator cuts the guest off: every account is blocked, those too that we did not make.
  package mutating func cutOff(at now: Date) -> [Event] {
    guard blockCauses.insert(.administrator).inserted else { return [] }
    version += 1
    switch presence {
    case .active:
      (blockedAt, blockDueAt) = (now, nil)
      turn(to: .blocked)
    case .blocked: turn(to: .blocked)
    case .absent: break
    }
    return [.blocked]
  }

  /// The administrator's block is lifted; one of the lifecycle stays.
  package mutating func restore() -> [Event] {
    guard blockCauses.remove(.administrator) != nil else { return [] }
    version += 1
    guard presence == .blocked, blockCauses.isEmpty else { return [.blocked] }
    blockedAt = nil
    turn(to: .active)
    return [.revived]
  }

  /// Settings have changed: what is scheduled moves, but never to sooner than seven days after the change.
  package mutating func retime(_ settings: LifecycleSettings, at now: Date) -> [Event] {
    guard liveAssignments == 0, isGoverned else { return [] }
    let earliest = now + .days(7)
    switch (presence, settings.action) {
    case (.active, .blockSignIn), (.active, .blockSignInAndDelete):
      guard blockDueAt == nil else { return [] }
      blockDueAt = earliest
    case (.active, .none):
      guard blockDueAt != nil else { return [] }
      blockDueAt = nil
    case (.blocked, _):
      let before = deleteDueAt
      schedule(settings)
      deleteDueAt = deleteDueAt.map { moved in
        before.map { moved.isSameInstant(as: $0) } == true ? moved : max(moved, earliest)
      }
      guard deleteDueAt?.microseconds != before?.microseconds else { return [] }
    case (.absent, _):
      return []
    }
    version += 1
    return [.blocked]
  }

  /// An administrator puts the guest under governance, or takes it out. The lifecycle applies from then on: an idle
  /// guest is blocked as after changed settings; of one that is no longer governed nothing is scheduled, and a block
  /// stays until access is given again.
  package mutating func govern(_ isWanted: Bool, settings: LifecycleSettings, at now: Date) -> [Event] {
    guard isGoverned != isWanted || !isLifecycleChosen, !target.isMember else { return [] }
    (isGoverned, isLifecycleChosen, version) = (isWanted, true, version + 1)
    if isWanted { _ = retime(settings, at: now) } else { (blockDueAt, deleteDueAt) = (nil, nil) }
    return [.lifecycleChanged]
  }

  /// The guest, and what was there before us, goes under governance with an assignment.
  package mutating func adopt() -> [Event] {
    guard !isGoverned || !isLifecycleChosen, !target.isMember else { return [] }
    (isGoverned, isLifecycleChosen, version) = (true, true, version + 1)
    return [.lifecycleChanged]
  }

  /// A scheduled block has come.
  package mutating func blockDue(_ due: Due, settings: LifecycleSettings, hasOpenRequest: Bool, at now: Date)
    -> [Event]
  {
    guard due.at.isSameInstant(as: blockDueAt) else { return [] }
    return settle(settings: settings, hasOpenRequest: hasOpenRequest, at: max(now, due.at))
  }

  /// The day of deletion has come. A due message for another day says nothing; an undecided request postpones it
  /// by a day at a time.
  package mutating func deletionDue(_ due: Due, hasOpenRequest: Bool, at now: Date) -> [Event] {
    guard due.at.isSameInstant(as: deleteDueAt) else { return [] }
    return delete(hasOpenRequest: hasOpenRequest, at: now)
  }

  private mutating func delete(hasOpenRequest: Bool, at now: Date) -> [Event] {
    guard liveAssignments == 0, isGoverned, presence == .blocked else { return [] }
    version += 1
    if hasOpenRequest {
      deleteDueAt = now + .days(1)
      return [.blocked]
    }
    deleteDueAt = nil
    turn(to: .absent)
    return state == .deleted ? [.deleted] : []
  }

  /// The guest may sign in at a connector from now on; does nothing for one that it has.
  package mutating func needsAccount(at connector: String) {
    guard presence == .active else { return }
    if let index = accounts.firstIndex(where: { $0.connector == connector }) {
      accounts[index].follow(.active)
    } else {
      accounts.append(Account(connector: connector))
    }
  }

  /// A connector has answered for an account; a guest wholly deleted while access was granted anew is invited again.
  package mutating func accountAnswered(_ answer: Account.Answer, at connector: String) -> [Event] {
    guard let index = accounts.firstIndex(where: { $0.connector == connector }) else { return [] }
    let before = state
    accounts[index].answered(answer)
    if case .present(_, provenance: .found) = answer, !isLifecycleChosen,
      accounts.allSatisfy({ $0.provenance == .found })
    {
      isGoverned = false
    }
    guard state != before else { return [] }
    version += 1
    guard state == .deleted else { return [] }
    return [.deleted] + (liveAssignments > 0 ? revive() : [])
  }

  private mutating func revive() -> [Event] {
    (blockDueAt, deleteDueAt) = (nil, nil)
    switch presence {
    case .active:
      return []
    case .blocked:
      blockCauses.remove(.lifecycle)
      guard blockCauses.isEmpty else { return [] }
      blockedAt = nil
      turn(to: .active)
      return [.revived]
    case .absent:
      guard state == .deleted else { return [] }
      blockCauses.remove(.lifecycle)
      blockedAt = nil
      turn(to: .active)
      return [.invited]
    }
  }

  private mutating func schedule(_ settings: LifecycleSettings) {
    switch settings.action {
    case .blockSignInAndDelete: deleteDueAt = blockedAt.map { $0 + settings.deletionDelay }
    case .none, .blockSignIn: deleteDueAt = nil
    }
  }

  private mutating func turn(to next: Presence) {
    presence = next
    let isCutOff = blockCauses.contains(.administrator)
    for index in accounts.indices { accounts[index].follow(next, isCutOff: isCutOff) }
  }
}
