package import Foundation
package import Postgres

/// The rows `audit_retention`: up to when each tenant's chain is still to be shortened.
package struct AuditRetention {
  private let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// What was recorded before it goes in the background.
  package func keep(from instant: Date, of tenant: UUID) throws {
    try connection.execute(
      """
      INSERT INTO audit_retention AS r (tenant, before) VALUES (\(tenant), \(instant))
      ON CONFLICT (tenant) DO UPDATE SET before = greatest(r.before, excluded.before)
      """)
  }

  /// Takes a tenant whose chain is to be shortened; nobody else takes it meanwhile.
  func claim() throws -> (tenant: UUID, before: Date)? {
    try connection.rows(
      "SELECT tenant, before FROM audit_retention ORDER BY tenant LIMIT 1 FOR UPDATE SKIP LOCKED"
    ) { row in (try row.next(UUID.self), try row.next(Date.self)) }.first
  }

  func settle(_ tenant: UUID) throws {
    try connection.execute("DELETE FROM audit_retention WHERE tenant = \(tenant)")
  }
}
