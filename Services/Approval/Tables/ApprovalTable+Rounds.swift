import EntitlementModel
import Foundation
import Postgres
import ServiceRuntime

/// Where an approval waits: what of it says who is asked.
struct WaitingRound: Sendable, Hashable {
  let policy: UUID
  let organization: UUID?
  let stage: Int
  let isEscalated: Bool
}

/// One of which it takes more to know who is asked.
struct WaitingRequest: Sendable {
  let id: UUID
  let round: WaitingRound
  let requestor: UUID
  let target: UUID
  /// Who has given a word in its stage.
  let deciders: [UUID]
  var reassignedTo: Set<UUID>?

  init(
    id: UUID, round: WaitingRound, requestor: UUID, target: UUID, deciders: [UUID],
    reassignedTo: Set<UUID>? = nil
  ) {
    (self.id, self.round, self.requestor, self.target) = (id, round, requestor, target)
    (self.deciders, self.reassignedTo) = (deciders, reassignedTo)
  }

  init(_ approval: ApprovalProcess) {
    self.init(
      id: approval.id,
      round: WaitingRound(
        policy: approval.assignmentPolicy, organization: approval.organization, stage: approval.currentStage,
        isEscalated: approval.waiting.isEscalated),
      requestor: approval.requestor, target: approval.target.subject,
      deciders: approval.waiting.decisions.flatMap { [$0.by, $0.seat] },
      reassignedTo: approval.waiting.reassignedTo)
  }
}

extension ApprovalTable {
  /// Everything that waits under policies, as it is to be judged: counted by round, or one by one.
  struct Judging {
    let tenant: UUID
    /// Each with whether all under it is judged one by one.
    let policies: [(id: UUID, isSingle: Bool)]
    /// Whoever asks, or is asked for, among them is concerned by who decides.
    let approvers: [UUID]
  }

  /// How much waits in each round and is judged by it; and in which rounds what is judged one by one.
  func rounds(_ judging: Judging) throws -> (counts: [WaitingRound: Int], hasSingles: Bool) {
    let rows = try connection.rows(
      """
      SELECT p.policy, a.organization, a.stage, a.is_escalated, a.is_single, count(*) FROM \(Self.waiting(judging))
      GROUP BY 1, 2, 3, 4, 5
      """
    ) { row in
      (
        round: try WaitingRound(&row), isSingle: try row.next(Bool.self), count: try row.next(Int.self)
      )
    }
    let counts = rows.filter { !$0.isSingle }.map { ($0.round, $0.count) }
    return (Dictionary(uniqueKeysWithValues: counts), rows.contains(where: \.isSingle))
  }

  /// What is judged one by one.
  func singles(_ judging: Judging) throws -> [WaitingRequest] {
    let rows = try connection.rows(
      """
      SELECT p.policy, a.organization, a.stage, a.is_escalated, a.id, a.requestor, a.target_subject, a.deciders,
        a.is_reassigned
      FROM \(Self.waiting(judging)) WHERE a.is_single
      """
    ) { row in
      let round = try WaitingRound(&row)
      return (
        request: WaitingRequest(
          id: try row.next(), round: round, requestor: try row.next(), target: try row.next(),
          deciders: try row.next()),
        isReassigned: try row.next(Bool.self)
      )
    }
    let named = try reassigned(rows.filter(\.isReassigned).map(\.request.id))
    return rows.map { row in
      var request = row.request
      if row.isReassigned { request.reassignedTo = named[request.id] ?? [] }
      return request
    }
  }

  /// What waits in these rounds, oldest first.
  func pending(
    under policy: UUID, of organization: UUID?, in stages: [Int], tenant: UUID, after key: InstantKey?,
    limit: Int
  ) throws -> [StoredApproval] {
    var sql: SQL = """
      SELECT \(Self.columns) FROM approval
      WHERE assignment_policy = \(policy) AND stage = ANY(\(stages.map(Int16.init))) AND state = 'pending'
        AND (tenant = \(tenant)) IS TRUE
      """
    if let organization {
      sql += " AND organization = \(organization)"
    } else {
      sql += " AND organization IS NULL"
    }
    if let key { sql += " AND (opened_at, id) > (\(key.at), \(key.id))" }
    return try connection.rows(sql + " ORDER BY opened_at, id LIMIT \(limit)")
  }

  private func reassigned(_ ids: [UUID]) throws -> [UUID: Set<UUID>] {
    guard !ids.isEmpty else { return [:] }
    let rows = try connection.rows(
      "SELECT approval, approver FROM reassigned_approver WHERE approval = ANY(\(ids))"
    ) { row in (try row.next(UUID.self), Set([try row.next(UUID.self)])) }
    return Dictionary(rows) { $0.union($1) }
  }

  private static func waiting(_ judging: Judging) -> SQL {
    """
    unnest(\(judging.policies.map(\.id)), \(judging.policies.map(\.isSingle))) AS p (policy, is_single)
    CROSS JOIN LATERAL (
      SELECT id, organization, stage, is_escalated, requestor, target_subject, deciders, is_reassigned,
        p.is_single OR is_reassigned OR cardinality(deciders) > 0 OR requestor = ANY(\(judging.approvers))
          OR target_subject = ANY(\(judging.approvers)) AS is_single
      FROM approval
      WHERE assignment_policy = p.policy AND state = 'pending' AND (tenant = \(judging.tenant)) IS TRUE) a
    """
  }
}

extension WaitingRound {
  fileprivate init(_ row: inout Row) throws {
    self.init(
      policy: try row.next(), organization: try row.next(), stage: Int(try row.next(Int16.self)),
      isEscalated: try row.next())
  }
}
