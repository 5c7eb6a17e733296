import EntitlementModel
import Foundation
import Postgres

extension RequestTable {
  /// Requests of a tenant that ended before an instant, with what came of them, in the order of ids; of none of these people.
  /// Ids tell when a request was made, which was before it ended.
  func ended(before instant: Date, tenant: UUID, sparing held: [UUID], limit: Int) throws -> [UUID] {
    try connection.values(
      """
      SELECT id FROM request
      WHERE id < uuid_at(\(instant)) AND tenant = \(tenant) AND NOT is_live AND open_change IS NULL
        AND state IN ('delivered', 'deliveryFailed', 'denied', 'canceled')
        AND greatest(completed_at, assignment_ended_at) < \(instant)
        AND NOT (target_subject = ANY(\(held)))
      ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
      """, as: UUID.self)
  }

  func forget(_ ids: [UUID], tenant: UUID) throws {
    try connection.execute("DELETE FROM request WHERE id = ANY(\(ids)) AND (tenant = \(tenant)) IS TRUE")
  }
}
