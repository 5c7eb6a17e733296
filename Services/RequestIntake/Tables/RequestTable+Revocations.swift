import Foundation
import Postgres

/// Requests whose approval was taken back while their end waits for an administrator.
extension RequestTable {
  /// Of these the ones whose end waits or was rejected. What nobody decided in time may be asked anew.
  func heldRevocations(_ ids: [UUID], tenants: Set<UUID>) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT r.id FROM request r JOIN confirmation c ON c.id = r.revocation_confirmation
        WHERE r.id = ANY(\(ids.sorted())) AND (r.tenant = ANY(\(Array(tenants)))) IS TRUE
          AND (c.tenant = r.tenant) IS TRUE AND c.state IN ('pending', 'rejected')
        """, as: UUID.self))
  }

  func hold(_ ids: [UUID], confirmation: UUID, tenant: UUID) throws {
    try connection.execute(
      """
      UPDATE request SET revocation_confirmation = \(confirmation)
      WHERE id = ANY(\(ids.sorted())) AND (tenant = \(tenant)) IS TRUE
      """)
  }
}
