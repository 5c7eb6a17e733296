import EntitlementModel
import Foundation
import Identity
import Messaging

/// Puts guests under governance, or takes them out: said by an administrator, it outranks who made their accounts.
struct GovernGuests {
  let settle: Settlement

  /// - Returns: how many of them were not so before.
  func callAsFunction(
    _ ids: Set<UUID>, isGoverned: Bool, tenant: UUID, _ permission: Permission, _ work: Work
  ) throws -> Int {
    try permission.requireManager(of: nil)
    let holdings = try Holdings.lock(guests: ids, of: [tenant], work)
    holdings.initiator = permission.principal.initiator
    let unknown = ids.subtracting(holdings.guests.current.keys)
    guard unknown.isEmpty else { throw Refusal.notFound }
    let lifecycle = try Lifecycle(
      guests: [], tenants: [tenant], connection: work.connection, cache: settle.cache)
    var changed = 0
    for id in ids.sorted() {
      holdings.change(guest: id) {
        let events = $0.govern(isGoverned, settings: lifecycle.settings(of: tenant), at: work.now)
        if !events.isEmpty { changed += 1 }
        return events
      }
    }
    try settle(holdings)
    return changed
  }
}
