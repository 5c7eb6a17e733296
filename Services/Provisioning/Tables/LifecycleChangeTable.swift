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

  /// Whether the settings are newer than any that were followed. Those that are told again change no day.
  func begin(_ tenant: UUID, _ version: Version, at now: Date) throws -> Bool {
    let epoch = Int32(version.epoch)
    return try connection.execute(
      """
      INSERT INTO lifecycle_change (tenant, epoch, version, changed_at, retimed)
      SELECT \(tenant), \(epoch), \(version.number), \(now), 0
      WHERE NOT EXISTS (
        SELECT FROM lifecycle_change
        WHERE tenant = \(tenant) AND (epoch, version) >= (\(epoch), \(version.number)))
      ON CONFLICT DO NOTHING
      """) > 0
  }

  func finish(_ tenant: UUID, _ version: Version, retimed: Int) throws {
    try connection.execute(
      """
      UPDATE lifecycle_change SET retimed = \(retimed)
      WHERE tenant = \(tenant) AND epoch = \(Int32(version.epoch)) AND version = \(version.number)
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
