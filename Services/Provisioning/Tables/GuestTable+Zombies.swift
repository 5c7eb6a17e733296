import EntitlementModel
import Foundation
import Postgres

extension GuestTable {
  /// - Parameters:
  ///   - areDeleted: whether idle guests are deleted after they were blocked.
  ///   - moment: what became due, or idle, only after it, does not count yet.
  func zombies(
    of tenant: UUID, areDeleted: Bool, trustsCounts: Bool, since moment: Date, limit: Int
  ) throws -> [UUID] {
    let idle: SQL = trustsCounts ? "AND g.live_assignments = 0" : ""
    return try connection.values(
      """
      SELECT g.id FROM guest g
      WHERE g.tenant = \(tenant) AND g.is_governed AND NOT g.is_member \(idle)
        AND (g.presence = 'active' AND (g.block_due_at IS NULL OR g.block_due_at < \(moment))
          OR \(areDeleted) AND g.presence = 'blocked' AND (g.delete_due_at IS NULL OR g.delete_due_at < \(moment)))
        AND NOT EXISTS (SELECT FROM assignment a WHERE a.target = g.id AND (a.tenant = g.tenant) IS TRUE
          AND (a.state IN ('delivering', 'partiallyDelivered', 'delivered', 'removing') OR a.ended_at > \(moment)))
        AND NOT EXISTS (SELECT FROM open_request o WHERE o.subject = g.id AND (o.tenant = g.tenant) IS TRUE AND o.is_open)
      ORDER BY g.id LIMIT \(limit)
      """, as: UUID.self)
  }
}
