import EntitlementModel
import Foundation
import Messaging
import Postgres
import ServiceRuntime

extension DeadlineTable {
  /// What will happen in a tenant, soonest first.
  func page(tenant: UUID, after key: InstantKey?, limit: Int) throws -> [Deadline] {
    var sql: SQL = """
      SELECT aggregate, kind, tenant, epoch, version, due_at, ends_at, recipient FROM deadline
      WHERE tenant = \(tenant) AND due_at IS NOT NULL
      """
    if let key {
      sql += " AND due_at >= \(key.at) AND (due_at, aggregate) > (\(key.at), \(key.id))"
    }
    return try connection.rows(sql + " ORDER BY due_at, aggregate LIMIT \(limit)")
  }

  /// What is armed of these, or was.
  func read(_ aggregates: some Sequence<UUID>) throws -> [UUID: Deadline] {
    let found: [Deadline] = try connection.rows(
      """
      SELECT aggregate, kind, tenant, epoch, version, due_at, ends_at, recipient FROM deadline
      WHERE aggregate = ANY(\(aggregates.sorted()))
      """)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.aggregate, $0) })
  }
}
