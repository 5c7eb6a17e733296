package import EntitlementModel
import Foundation
package import Postgres

/// The rows `delegation`.
struct DelegationTable {
  let connection: Connection

  /// Puts a delegation in the place of the approver's former one.
  func save(_ delegation: Delegation, tenant: UUID) throws {
    try connection.execute(
      """
      INSERT INTO delegation (approver, tenant, delegate, starts_at, ends_at)
      SELECT * FROM unnest(\([delegation.approver]), \([tenant]), \([delegation.delegate]), \([delegation.startsAt]),
        \([delegation.endsAt]))
      ON CONFLICT (approver, tenant) DO UPDATE
      SET delegate = excluded.delegate, starts_at = excluded.starts_at, ends_at = excluded.ends_at
      """)
  }

  /// - Returns: whether there was one.
  func delete(of approver: UUID, tenant: UUID) throws -> Bool {
    try connection.execute("DELETE FROM delegation WHERE approver = \(approver) AND tenant = \(tenant)") > 0
  }

  func find(of approver: UUID, tenant: UUID) throws -> Delegation? {
    let found: [Delegation] = try connection.rows(
      "SELECT \(Self.columns) FROM delegation WHERE approver = \(approver) AND tenant = \(tenant)")
    return found.first
  }

  /// What others have let these people do, whenever it counts.
  func find(to delegates: Set<UUID>, tenants: Set<UUID>) throws -> [Delegation] {
    try connection.rows(
      """
      SELECT \(Self.columns) FROM delegation
      WHERE delegate = ANY(\(delegates.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE ORDER BY approver
      """)
  }

  /// To whom these people have let decide too, whenever it counts.
  func find(of approvers: Set<UUID>, tenants: Set<UUID>) throws -> [Delegation] {
    guard !approvers.isEmpty else { return [] }
    return try connection.rows(
      """
      SELECT \(Self.columns) FROM delegation
      WHERE approver = ANY(\(approvers.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE ORDER BY approver
      """)
  }

  /// What others let these people do now, and what yet others let those do.
  func chains(to delegates: Set<UUID>, tenants: Set<UUID>, at now: Date) throws -> [Delegation] {
    let direct = try find(to: delegates, tenants: tenants).filter { $0.isActive(at: now) }
    let further = Set(direct.map(\.approver)).subtracting(delegates)
    if further.isEmpty { return direct }
    return direct + (try find(to: further, tenants: tenants).filter { $0.isActive(at: now) })
  }

  private static let columns: SQL = "approver, delegate, starts_at, ends_at"
}

extension Delegation: RowDecodable {
  package init(_ row: inout Row) throws {
    self.init(
      approver: try row.next(), delegate: try row.next(), startsAt: try row.next(), endsAt: try row.next())
  }
}
