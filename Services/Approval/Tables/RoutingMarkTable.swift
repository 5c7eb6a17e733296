import EntitlementModel
import Foundation
import Messaging
import Postgres

/// The rows `routing_mark`: where it has to be looked whether anybody can decide. Rows are only added and taken away, so
/// that nobody waits for whoever looks.
struct RoutingMarkTable {
  let connection: Connection

  struct Mark: Sendable {
    let id: UUID
    let tenant: UUID
  }

  func add(_ marks: [Mark], due: Date) throws {
    guard !marks.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO routing_mark (id, tenant, due_at)
      SELECT id, tenant, \(due) FROM unnest(\(marks.map(\.id)), \(marks.map(\.tenant))) AS n (id, tenant)
      """)
  }

  func due(at now: Date, limit: Int) throws -> [Mark] {
    try connection.rows(
      "SELECT id, tenant FROM routing_mark WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)"
    ) { row in Mark(id: try row.next(), tenant: try row.next()) }
  }

  /// Every tenant in which something waits for nobody is among them: what lasts is marked to be looked at again.
  func tenants() throws -> Set<UUID> {
    Set(try connection.values("SELECT DISTINCT tenant FROM routing_mark", as: UUID.self))
  }

  func remove(_ marks: [Mark]) throws {
    try connection.execute("DELETE FROM routing_mark WHERE id = ANY(\(marks.map(\.id)))")
  }
}

extension Work {
  /// Lets it be looked, after this transaction, whether what waits in these tenants can be decided by anybody.
  func lookForApprovers(in tenants: Set<UUID>, from due: Date? = nil) throws {
    try RoutingMarkTable(connection: connection)
      .add(tenants.map { .init(id: newID(), tenant: $0) }, due: due ?? now)
  }
}
