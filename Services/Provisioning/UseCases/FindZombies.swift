import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Governed guests who should have gone (decision 23): without live assignment or waiting request for five minutes,
/// and neither in the state that the tenant's setting demands nor on schedule for it. There must be none.
struct FindZombies {
  let cache: ConfigurationCache

  private static let patience = Period(seconds: 300)

  /// - Parameter trustsCounts: goes by the guests' own count of their assignments, which an index finds at any size;
  ///   else every assignment is looked at.
  func callAsFunction(
    of tenants: [UUID], trustsCounts: Bool, limit: Int, at now: Date, on connection: Connection
  ) throws -> [UUID] {
    let lifecycle = try Lifecycle(guests: [], tenants: tenants, connection: connection, cache: cache)
    var found: [UUID] = []
    for tenant in tenants where found.count < limit {
      let settings = lifecycle.settings(of: tenant)
      guard settings.action != .none else { continue }
      found += try GuestTable(connection: connection).zombies(
        of: tenant, areDeleted: settings.action == .blockSignInAndDelete, trustsCounts: trustsCounts,
        since: now - Self.patience, limit: limit - found.count)
    }
    return found
  }
}
