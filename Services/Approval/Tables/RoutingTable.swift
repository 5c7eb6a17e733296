import Contracts
package import EntitlementModel
import Foundation
package import Postgres
import Protocols
import SwiftProtobuf

/// The rows `approval_routing`.
struct RoutingTable {
  let connection: Connection

  /// One at a time looks at a tenant.
  func lock(_ tenant: UUID) throws {
    try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(tenant)::text, 6))")
  }

  func open(of tenant: UUID) throws -> [ApprovalRouting] {
    try connection.rows("SELECT routing FROM approval_routing WHERE tenant = \(tenant) AND state = 'open'")
  }

  func countOpen(of tenants: Set<UUID>) throws -> Int {
    try connection.value(
      "SELECT count(*) FROM approval_routing WHERE tenant = ANY(\(tenants.sorted())) AND state = 'open'",
      as: Int.self)
  }

  func find(_ id: UUID, tenant: UUID) throws -> ApprovalRouting? {
    let found: [ApprovalRouting] = try connection.rows(
      "SELECT routing FROM approval_routing WHERE id = \(id) AND (tenant = \(tenant)) IS TRUE")
    return found.first
  }

  /// A page, oldest first.
  ///
  /// - Parameter packages: only of these; nil for all.
  func page(
    tenant: UUID, all: Bool, of packages: [UUID]?, after id: UUID?, limit: Int
  ) throws -> [ApprovalRouting] {
    var sql: SQL = "SELECT routing FROM approval_routing WHERE tenant = \(tenant)"
    if !all { sql += " AND state = 'open'" }
    if let packages { sql += " AND access_package = ANY(\(packages))" }
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)")
  }

  func save(_ changed: [ApprovalRouting], epoch: Int) throws {
    guard !changed.isEmpty else { return }
    let rows = changed.sorted { $0.id < $1.id }
    let contents = try rows.map {
      JSONB(try Vestibule_Model_V1_ApprovalRouting($0, epoch: epoch).jsonString())
    }
    try connection.execute(
      """
      INSERT INTO approval_routing (id, tenant, version, state, access_package, assignment_policy, organization, routing)
      SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.tenant)), \(rows.map(\.version)), \(rows.map(\.state)),
        \(rows.map(\.accessPackage)), \(rows.map(\.assignmentPolicy)), \(rows.map(\.organization)), \(contents))
      ON CONFLICT (id) DO UPDATE
      SET version = excluded.version, state = excluded.state, routing = excluded.routing
      """)
  }
}

extension ApprovalRouting.State: SQLValue {}

extension ApprovalRouting: RowDecodable {
  package init(_ row: inout Row) throws {
    try self.init(Vestibule_Model_V1_ApprovalRouting(jsonString: try row.next(JSONB.self).text))
  }
}
