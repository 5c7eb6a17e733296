import EntitlementModel
import Foundation
import Postgres
import ServiceRuntime

/// What a person may decide, as the index finds it.
struct DecidableScope: Sendable, Equatable {
  /// A policy's approvals of one organization.
  struct Partner: Sendable, Hashable {
    let policy: UUID
    let organization: UUID
  }

  var partners: [Partner] = []
  /// Policies of which everything may be decided.
  var wholePolicies: [UUID] = []
  /// Policies of which only what concerns no organization may be decided.
  var withoutOrganization: [UUID] = []

  var isEmpty: Bool { partners.isEmpty && wholePolicies.isEmpty && withoutOrganization.isEmpty }
}

extension ApprovalTable {
  /// What waits within a scope and concerns somebody else than `caller`, oldest first.
  func pending(
    in scope: DecidableScope, tenant: UUID, caller: UUID, after key: InstantKey?, limit: Int
  ) throws -> [StoredApproval] {
    let wide = scope.wholePolicies + scope.withoutOrganization
    let isWhole = wide.indices.map { $0 < scope.wholePolicies.count }
    var waits: SQL = """
      a.tenant = \(tenant) AND a.state = 'pending' AND a.target_subject <> \(caller) AND a.requestor <> \(caller)
      """
    if let key { waits += " AND (a.opened_at, a.id) > (\(key.at), \(key.id))" }
    return try connection.rows(
      """
      SELECT \(Self.columns) FROM (
        SELECT a.* FROM unnest(\(scope.partners.map(\.policy)), \(scope.partners.map(\.organization)))
          AS s (policy, organization)
        CROSS JOIN LATERAL (
          SELECT * FROM approval a
          WHERE a.assignment_policy = s.policy AND a.organization = s.organization AND \(waits)
          ORDER BY a.opened_at, a.id LIMIT \(limit)) a
        UNION ALL
        SELECT a.* FROM unnest(\(wide), \(isWhole)) AS s (policy, is_whole)
        CROSS JOIN LATERAL (
          SELECT * FROM approval a
          WHERE a.assignment_policy = s.policy AND (s.is_whole OR a.organization IS NULL) AND \(waits)
          ORDER BY a.opened_at, a.id LIMIT \(limit)) a
      ) AS a
      ORDER BY opened_at, id LIMIT \(limit)
      """)
  }

  /// A page of what waits, by id.
  func pendingPage(after id: UUID?, tenants: Set<UUID>, limit: Int) throws -> [StoredApproval] {
    var sql: SQL =
      "SELECT \(Self.columns) FROM approval WHERE state = 'pending' AND tenant = ANY(\(Array(tenants)))"
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)")
  }

  /// The tenants in which something waits: whatever waits has a deadline.
  func tenantsWithPending() throws -> Set<UUID> {
    Set(try connection.values("SELECT DISTINCT tenant FROM deadline WHERE due_at IS NOT NULL", as: UUID.self))
  }
}
