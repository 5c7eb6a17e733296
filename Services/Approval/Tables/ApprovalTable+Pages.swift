import EntitlementModel
import Foundation
import Postgres
import ServiceRuntime

/// What a person may decide, as the index finds it.
struct DecidableScope: Sendable, Equatable {
  /// One stage of a policy's approvals.
  struct Round: Sendable, Hashable {
    let policy: UUID
    let stage: Int
    /// Whose word the person gives: one that was given is not asked for again.
    let seat: UUID
    /// Whether only what has been escalated may be decided.
    let isEscalatedOnly: Bool
  }

  /// A round of one organization.
  struct Partner: Sendable, Hashable {
    let round: Round
    let organization: UUID
  }

  /// A round of what somebody has asked for, or of what is for somebody.
  struct Personal: Sendable, Hashable {
    let round: Round
    let person: UUID
  }

  var partners: [Partner] = []
  var requestors: [Personal] = []
  var targets: [Personal] = []
  /// Rounds of which everything may be decided.
  var whole: [Round] = []
  /// Rounds of which only what concerns no organization may be decided.
  var withoutOrganization: [Round] = []
  /// Whose word the person gives on what was reassigned to them.
  var seats: [UUID] = []
}

extension ApprovalTable {
  /// What waits within a scope, is not about `people` and has no word of `caller` yet, oldest first.
  func pending(
    in scope: DecidableScope, tenant: UUID, notAbout people: [UUID], notDecidedBy caller: [UUID],
    after key: InstantKey?, limit: Int
  ) throws -> [StoredApproval] {
    let (near, wide) = (scope.partners.map(\.round), scope.whole + scope.withoutOrganization)
    let isWhole = wide.indices.map { $0 < scope.whole.count }
    var open: SQL = """
      a.tenant = \(tenant) AND a.state = 'pending' AND a.target_subject <> ALL (\(people))
      AND a.requestor <> ALL (\(people)) AND NOT a.deciders && \(caller)
      """
    if let key { open += " AND (a.opened_at, a.id) > (\(key.at), \(key.id))" }
    let waits: SQL = """
      \(open) AND NOT a.is_reassigned AND a.assignment_policy = s.policy AND a.stage = s.stage AND (a.is_escalated OR NOT s.is_escalated_only)
      AND s.seat <> ALL (a.deciders)
      """
    return try connection.rows(
      """
      SELECT DISTINCT ON (a.opened_at, a.id) \(Self.columns) FROM (
        SELECT a.* FROM unnest(\(near.map(\.policy)), \(near.map { Int16($0.stage) }),
            \(near.map(\.seat)), \(near.map(\.isEscalatedOnly)), \(scope.partners.map(\.organization)))
          AS s (policy, stage, seat, is_escalated_only, organization)
        CROSS JOIN LATERAL (
          SELECT * FROM approval a
          WHERE a.organization = s.organization AND \(waits)
          ORDER BY a.opened_at, a.id LIMIT \(limit)) a
        UNION ALL
        SELECT a.* FROM unnest(\(wide.map(\.policy)), \(wide.map { Int16($0.stage) }),
            \(wide.map(\.seat)), \(wide.map(\.isEscalatedOnly)), \(isWhole))
          AS s (policy, stage, seat, is_escalated_only, is_whole)
        CROSS JOIN LATERAL (
          SELECT * FROM approval a
          WHERE (s.is_whole OR a.organization IS NULL) AND \(waits)
          ORDER BY a.opened_at, a.id LIMIT \(limit)) a
        \(Self.personal(scope.requestors, "requestor", waits, limit))
        \(Self.personal(scope.targets, "target_subject", waits, limit))
        UNION ALL
        SELECT a.* FROM reassigned_approver r CROSS JOIN LATERAL (
          SELECT * FROM approval a WHERE a.id = r.approval AND r.approver <> ALL (a.deciders) AND \(open)) a
        WHERE r.approver = ANY(\(scope.seats)) AND (r.tenant = \(tenant)) IS TRUE
      ) AS a
      ORDER BY a.opened_at, a.id LIMIT \(limit)
      """)
  }

  /// The part for rounds of people; nothing where there are none, as nearly always.
  private static func personal(
    _ rounds: [DecidableScope.Personal], _ column: String, _ waits: SQL, _ limit: Int
  ) -> SQL {
    if rounds.isEmpty { return "" }
    return """
      UNION ALL
      SELECT a.* FROM unnest(\(rounds.map(\.round.policy)), \(rounds.map { Int16($0.round.stage) }),
          \(rounds.map(\.round.seat)), \(rounds.map(\.round.isEscalatedOnly)), \(rounds.map(\.person)))
        AS s (policy, stage, seat, is_escalated_only, person)
      CROSS JOIN LATERAL (
        SELECT * FROM approval a
        WHERE a.\(unsafe: column) = s.person AND \(waits)
        ORDER BY a.opened_at, a.id LIMIT \(limit)) a
      """
  }

  /// A page of what waits, by id.
  func pendingPage(after id: UUID?, tenants: Set<UUID>, limit: Int) throws -> [StoredApproval] {
    // A tenant's page is found by the tenant, one of all tenants by the approvals' key.
    let all = Array(tenants)
    let belongs: SQL = all.count == 1 ? "tenant = \(all[0])" : "(tenant = ANY(\(all))) IS TRUE"
    var sql: SQL = "SELECT \(Self.columns) FROM approval WHERE state = 'pending' AND \(belongs)"
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)")
  }

  /// The tenants in which something waits: whatever waits has a deadline.
  func tenantsWithPending() throws -> Set<UUID> {
    Set(try connection.values("SELECT DISTINCT tenant FROM deadline WHERE due_at IS NOT NULL", as: UUID.self))
  }
}
