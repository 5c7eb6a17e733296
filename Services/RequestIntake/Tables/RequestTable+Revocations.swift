import EntitlementModel
import Foundation
import Postgres

/// Requests whose approval was taken back while their end waits for an administrator.
extension RequestTable {
  /// Of these the ones that have been asked already, and were not confirmed: whoever told them again says nothing new.
  /// What is taken back anew, after that, is asked anew.
  func heldRevocations(
    _ revocations: [UUID: ApprovalProcess.Revocation], tenants: Set<UUID>
  ) throws -> Set<UUID> {
    let ids = revocations.keys.sorted()
    return Set(
      try connection.values(
        """
        SELECT r.id FROM unnest(\(ids), \(ids.map { revocations[$0]?.at })) AS n (id, at)
        JOIN request r ON r.id = n.id AND (r.tenant = ANY(\(Array(tenants)))) IS TRUE
        JOIN confirmation c ON c.id = r.revocation_confirmation AND (c.tenant = r.tenant) IS TRUE
        WHERE n.at <= r.held_revocation_at AND c.state <> 'confirmed'
        """, as: UUID.self))
  }

  func hold(
    _ ids: [UUID], of revocations: [UUID: ApprovalProcess.Revocation], confirmation: UUID, tenant: UUID
  ) throws {
    let ids = ids.sorted()
    try connection.execute(
      """
      UPDATE request AS r SET revocation_confirmation = \(confirmation), held_revocation_at = n.at
      FROM unnest(\(ids), \(ids.map { revocations[$0]?.at })) AS n (id, at)
      WHERE r.id = n.id AND (r.tenant = \(tenant)) IS TRUE
      """)
  }
}
