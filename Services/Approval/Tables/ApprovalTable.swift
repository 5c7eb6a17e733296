import EntitlementModel
import Foundation
import Postgres

/// The rows `approval`.
struct ApprovalTable {
  let connection: Connection

  static let columns: SQL = """
    (SELECT value FROM epoch), id, tenant, version, state, target_subject, target_email, target_display_name,
    target_is_member, requestor, access_package, assignment_policy, organization, justification, opened_at, expires_at,
    decided_by, decided_as, decision_justification, decided_at
    """

  /// An approval to be stored, and the state of the request that it was made from.
  struct Arrival: Sendable {
    let approval: ApprovalProcess
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
        organization, justification, opened_at, expires_at)
      SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.tenant)), \(sorted.map { Int32($0.request.epoch) }),
        \(sorted.map(\.request.number)), \(rows.map(\.version)), \(rows.map { StateWord($0.state) }),
        \(rows.map(\.target.subject)), \(rows.map(\.target.email)), \(rows.map(\.target.displayName)),
        \(rows.map(\.target.isMember)), \(rows.map(\.requestor)), \(rows.map(\.accessPackage)),
        \(rows.map(\.assignmentPolicy)), \(rows.map(\.organization)), \(rows.map(\.justification)),
        \(rows.map(\.openedAt)), \(rows.map(\.expiresAt)))
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
    let decisions = rows.map(\.decision)
    try connection.execute(
      """
      UPDATE approval AS a
      SET version = n.version, state = n.state, decided_by = n.decided_by, decided_as = n.decided_as,
        decision_justification = n.justification, decided_at = n.decided_at
      FROM unnest(\(rows.map(\.id)), \(rows.map(\.version)), \(rows.map { StateWord($0.state) }),
        \(decisions.map { $0?.by }), \(decisions.map { $0?.capacity }), \(decisions.map { $0?.justification }),
        \(decisions.map { $0?.at })) AS n (id, version, state, decided_by, decided_as, justification, decided_at)
      WHERE a.id = n.id
      """)
  }

  private func keyed(_ rows: [StoredApproval]) -> [UUID: StoredApproval] {
    Dictionary(uniqueKeysWithValues: rows.map { ($0.approval.id, $0) })
  }
}
