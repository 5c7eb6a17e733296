import Contracts
import EntitlementModel
import Foundation
import Postgres

/// The rows `approval`.
struct ApprovalTable {
  let connection: Connection

  static let columns: SQL = """
    (SELECT value FROM epoch), id, tenant, version, state, target_subject, target_email, target_display_name,
    target_is_member, requestor, access_package, assignment_policy, organization, justification, answers, opened_at,
    stages, revoked_by, revocation_justification, revoked_at, revocation_state
    """

  /// An approval to be stored, and the state of the request that it was made from.
  struct Arrival: Sendable {
    let approval: ApprovalProcess
    let told: [ApprovalProcess.Event]
    let request: Version
  }

  /// What became of an arrival: stored, or the request was known in an older state.
  struct Reception: Sendable {
    let id: UUID
    let isStored: Bool
    let epoch: Int
  }

  func lock(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredApproval] {
    let sorted = ids.sorted()
    return keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM approval WHERE id = ANY(\(sorted)) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
        ORDER BY id FOR UPDATE
        """))
  }

  func find(_ ids: [UUID], tenants: Set<UUID>) throws -> [UUID: StoredApproval] {
    keyed(
      try connection.rows(
        "SELECT \(Self.columns) FROM approval WHERE id = ANY(\(ids)) AND (tenant = ANY(\(Array(tenants)))) IS TRUE"
      ))
  }

  /// Stores what is not there yet, and notes newer states of the requests of what is.
  ///
  /// - Returns: nothing about requests that were seen in this state or a newer one.
  func receive(_ arrivals: [Arrival]) throws -> [Reception] {
    guard !arrivals.isEmpty else { return [] }
    let sorted = arrivals.sorted { $0.approval.id < $1.approval.id }
    let rows = sorted.map(\.approval)
    return try connection.rows(
      """
      INSERT INTO approval AS a (id, tenant, request_epoch, request_version, version, state, target_subject,
        target_email, target_display_name, target_is_member, requestor, access_package, assignment_policy,
        organization, justification, answers, opened_at, stages)
      SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.tenant)), \(sorted.map { Int32($0.request.epoch) }),
        \(sorted.map(\.request.number)), \(rows.map(\.version)), \(rows.map(\.state)),
        \(rows.map(\.target.subject)), \(rows.map(\.target.email)), \(rows.map(\.target.displayName)),
        \(rows.map(\.target.isMember)), \(rows.map(\.requestor)), \(rows.map(\.accessPackage)),
        \(rows.map(\.assignmentPolicy)), \(rows.map(\.organization)), \(rows.map(\.justification)),
        \(try rows.map { JSONB(try $0.answers.json()) }), \(rows.map(\.openedAt)),
        \(try rows.map { JSONB(try $0.stages.json()) }))
      ON CONFLICT (id) DO UPDATE
      SET request_epoch = excluded.request_epoch, request_version = excluded.request_version
      WHERE a.tenant = excluded.tenant
        AND (a.request_epoch, a.request_version) < (excluded.request_epoch, excluded.request_version)
      RETURNING id, xmax = 0, (SELECT value FROM epoch)
      """
    ) { row in Reception(id: try row.next(), isStored: try row.next(), epoch: try row.next()) }
  }

  /// Writes back what has changed of locked rows.
  func update(_ changed: [ApprovalProcess]) throws {
    guard !changed.isEmpty else { return }
    let rows = changed.sorted { $0.id < $1.id }
    try connection.execute(
      """
      UPDATE approval AS a
      SET version = n.version, state = n.state, stage = n.stage, is_escalated = n.is_escalated,
        is_reassigned = n.is_reassigned, deciders = n.deciders::uuid[], stages = n.stages, revoked_by = n.revoked_by,
        revocation_justification = n.revocation, revoked_at = n.revoked_at, revocation_state = n.revocation_state
      FROM unnest(\(rows.map(\.id)), \(rows.map(\.version)), \(rows.map(\.state)),
        \(rows.map { Int16($0.currentStage) }), \(rows.map(\.waiting.isEscalated)),
        \(rows.map { $0.waiting.reassignedTo != nil }),
        \(rows.map { Self.arrayText($0.waiting.decisions.flatMap { Set([$0.by, $0.seat]) }) }),
        \(try rows.map { JSONB(try $0.stages.json()) }), \(rows.map(\.revocation?.by)),
        \(rows.map(\.revocation?.justification)), \(rows.map(\.revocation?.at)),
        \(rows.map(\.revocation?.state)))
        AS n (id, version, state, stage, is_escalated, is_reassigned, deciders, stages, revoked_by, revocation,
          revoked_at, revocation_state)
      WHERE a.id = n.id
      """)
    try followReassigned(rows.filter { $0.stages.contains { $0.reassignedTo != nil } })
  }

  /// Keeps who was named for the stages that wait.
  private func followReassigned(_ rows: [ApprovalProcess]) throws {
    guard !rows.isEmpty else { return }
    try connection.execute("DELETE FROM reassigned_approver WHERE approval = ANY(\(rows.map(\.id)))")
    let named = rows.filter { $0.state == .pending }.flatMap { approval in
      (approval.waiting.reassignedTo ?? []).sorted().map { (approval, approver: $0) }
    }
    guard !named.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO reassigned_approver (approval, approver, tenant)
      SELECT * FROM unnest(\(named.map(\.0.id)), \(named.map(\.approver)), \(named.map(\.0.tenant)))
      """)
  }

  /// `unnest` has no arrays of arrays.
  private static func arrayText(_ ids: [UUID]) -> String {
    "{" + ids.map(\.uuidString).joined(separator: ",") + "}"
  }

  private func keyed(_ rows: [StoredApproval]) -> [UUID: StoredApproval] {
    Dictionary(uniqueKeysWithValues: rows.map { ($0.approval.id, $0) })
  }
}

extension ApprovalProcess {
  /// The stage that waits, or the last one that did.
  var waiting: Stage { stages[currentStage] }
}
