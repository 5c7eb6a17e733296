package import Foundation

/// Why and when a guest will go, as things stand.
package struct GuestOutlook: Sendable, Hashable {
  package let why: Why
  /// When the last access ends.
  package let accessEndsAt: Date?
  package let blockAt: Date?
  package let deleteAt: Date?

  /// What it depends on.
  package enum Why: String, Sendable, CaseIterable {
    /// Nobody governs the guest: nothing will happen by itself.
    case notGoverned
    /// Access is being granted; its end is known then.
    case delivering
    case accessWithoutEnd, accessEnds
    /// A request waits for its decision or its start, and the guest with it.
    case requestWaits
    /// The tenant's setting leaves guests as they are.
    case settingKeeps
    case blockScheduled, deletionScheduled
    /// The tenant's setting blocks and does not delete.
    case blocked
    case blockedByAdministrator
    case deleting, deleted
    /// It should have gone already.
    case overdue
  }

  /// - Parameter assignments: all of the guest's.
  package init(
    _ guest: Guest, assignments: [Assignment], settings: LifecycleSettings, hasOpenRequest: Bool
  ) {
    let live = assignments.filter { $0.state.isLive || $0.state == .removing }
    let ends = live.compactMap(\.endsAt)
    let why = Self.why(guest, live, settings, hasOpenRequest)
    self.why = why
    switch why {
    case .accessEnds:
      accessEndsAt = ends.max()
      blockAt = settings.action == .none ? nil : accessEndsAt
      deleteAt = settings.deletion(ofBlockAt: blockAt)
    case .blockScheduled, .deletionScheduled:
      accessEndsAt = nil
      blockAt = guest.blockDueAt
      deleteAt = guest.deleteDueAt ?? settings.deletion(ofBlockAt: blockAt)
    case .notGoverned, .delivering, .accessWithoutEnd, .requestWaits, .settingKeeps, .blocked,
      .blockedByAdministrator, .deleting, .deleted, .overdue:
      (accessEndsAt, blockAt, deleteAt) = (nil, nil, nil)
    }
  }

  private static func why(
    _ guest: Guest, _ live: [Assignment], _ settings: LifecycleSettings, _ hasOpenRequest: Bool
  ) -> Why {
    switch guest.presence {
    case .absent: return guest.state == .deleted ? .deleted : .deleting
    case .active, .blocked:
      if !guest.isGoverned { return .notGoverned }
      if let granted = why(live) { return granted }
      if guest.deleteDueAt != nil { return .deletionScheduled }
      if guest.blockDueAt != nil { return .blockScheduled }
      if guest.blockCauses.contains(.administrator) { return .blockedByAdministrator }
      let isToBeDeleted = settings.action == .blockSignInAndDelete
      if guest.presence == .blocked { return hasOpenRequest && isToBeDeleted ? .requestWaits : .blocked }
      if hasOpenRequest { return .requestWaits }
      return settings.action == .none ? .settingKeeps : .overdue
    }
  }

  private static func why(_ live: [Assignment]) -> Why? {
    if live.isEmpty { return nil }
    if live.contains(where: { $0.endsAt == nil && $0.deliveredAt != nil }) { return .accessWithoutEnd }
    return live.contains { $0.endsAt == nil } ? .delivering : .accessEnds
  }
}

extension LifecycleSettings {
  fileprivate func deletion(ofBlockAt block: Date?) -> Date? {
    switch action {
    case .none, .blockSignIn: nil
    case .blockSignInAndDelete: block.map { $0 + deletionDelay }
    }
  }
}
