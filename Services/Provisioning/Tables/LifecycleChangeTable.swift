import EntitlementModel
import Foundation
import Postgres

/// A change of a tenant's lifecycle settings, and how many guests' schedules it moved.
struct LifecycleChange: Sendable, Hashable {
  let tenant: UUID
  let version: Version
  let changedAt: Date
  let retimed: Int
}

struct LifecycleChangeTable {
  let connection: Connection

  func record(_ change: LifecycleChange) throws {
    try connection.execute(
      """
      INSERT INTO lifecycle_change (tenant, epoch, version, changed_at, retimed)
      VALUES (\(change.tenant), \(Int32(change.version.epoch)), \(change.version.number), \(change.changedAt),
        \(change.retimed))
      ON CONFLICT DO NOTHING
      """)
  }

  /// A tenant's, newest first.
  func list(of tenant: UUID, limit: Int) throws -> [LifecycleChange] {
    try connection.rows(
      """
      SELECT tenant, epoch, version, changed_at, retimed FROM lifecycle_change WHERE tenant = \(tenant)
      ORDER BY epoch DESC, version DESC LIMIT \(limit)
      """
    ) { row in
      LifecycleChange(
        tenant: try row.next(), version: Version(epoch: try row.next(), number: try row.next()),
        changedAt: try row.next(), retimed: try row.next())
    }
  }
}
