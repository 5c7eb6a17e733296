import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Says why and when a guest will go.
struct DescribeOutlook {
  let cache: ConfigurationCache

  func callAsFunction(_ id: UUID, tenant: UUID, on connection: Connection) throws -> (Guest, GuestOutlook) {
    guard let guest = try GuestTable(connection: connection).read(id, of: tenant) else {
      throw Refusal.notFound
    }
    let lifecycle = try Lifecycle(guests: [id], tenants: [tenant], connection: connection, cache: cache)
    let outlook = GuestOutlook(
      guest, assignments: try AssignmentTable(connection: connection).readAll(of: id, tenant: tenant),
      settings: lifecycle.settings(of: tenant), hasOpenRequest: lifecycle.waits(id))
    return (guest, outlook)
  }
}
