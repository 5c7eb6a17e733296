import EntitlementModel
import Foundation
import Postgres

extension RequestTable {
  /// Requests of a tenant that ended before an instant, with what came of them, in the order of ids; of nobody who is
  /// under a legal hold. Ids tell when a request was made, which was before it ended.
  func ended(before instant: Date, tenant: UUID, limit: Int) throws -> [UUID] {
    try connection.values(
      """
      SELECT id FROM request r
      WHERE id < uuid_at(\(instant)) AND tenant = \(tenant) AND NOT is_live AND open_change IS NULL
        AND state IN ('delivered', 'deliveryFailed', 'denied', 'canceled')
        AND greatest(completed_at, assignment_ended_at) < \(instant)
        AND NOT EXISTS (
          SELECT FROM subject s WHERE s.id = r.target_subject AND s.hold_set_at IS NOT NULL AND s.hold_lifted_at IS NULL)
      ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
      """, as: UUID.self)
  }

  func forget(_ ids: [UUID], tenant: UUID) throws {
    try connection.execute("DELETE FROM request WHERE id = ANY(\(ids)) AND (tenant = \(tenant)) IS TRUE")
  }

  /// Whether anybody of the tenant is under a legal hold.
  func hasHolds(_ tenant: UUID) throws -> Bool {
    try connection.value(
      """
      SELECT EXISTS (
        SELECT FROM subject WHERE tenant = \(tenant) AND hold_set_at IS NOT NULL AND hold_lifted_at IS NULL)
      """, as: Bool.self)
  }
}
