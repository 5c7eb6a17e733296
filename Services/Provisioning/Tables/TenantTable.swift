import Foundation
import Postgres

/// The tenants there are, ids only: for what goes through all of them.
struct TenantTable {
  let connection: Connection

  func know(_ tenants: [UUID]) throws {
    try connection.execute("INSERT INTO tenant SELECT unnest(\(tenants)) ON CONFLICT DO NOTHING")
  }

  func all() throws -> Set<UUID> {
    Set(try connection.values("SELECT id FROM tenant", as: UUID.self))
  }
}
