import Contracts
package import EntitlementModel
import Foundation
package import Postgres

/// Assignments. They are locked with their guest.
struct AssignmentTable {
  let connection: Connection

  func read(_ ids: Set<UUID>, of tenants: [UUID]) throws -> [Assignment] {
    try connection.rows(
      "SELECT \(Self.columns) FROM assignment WHERE (tenant = ANY(\(tenants))) IS TRUE AND id = ANY(\(ids.sorted()))"
    )
  }

  /// All that a guest has or had.
  func readAll(of guest: UUID, tenant: UUID) throws -> [Assignment] {
    try connection.rows(
      "SELECT \(Self.columns) FROM assignment WHERE target = \(guest) AND (tenant = \(tenant)) IS TRUE ORDER BY id"
    )
  }

  /// Those of these guests that wait for a connector.
  func readUnsettled(of guests: Set<UUID>, of tenants: [UUID]) throws -> [Assignment] {
    try connection.rows(
      """
      SELECT \(Self.columns) FROM assignment WHERE (tenant = ANY(\(tenants))) IS TRUE AND target = ANY(\(guests.sorted()))
        AND state IN ('delivering', 'partiallyDelivered', 'removing')
      """)
  }

  /// A page of a package's holders, in the order of ids.
  func live(of package: UUID, tenant: UUID, after id: UUID, limit: Int) throws -> [Assignment] {
    try connection.rows(
      """
      SELECT \(Self.columns) FROM assignment
      WHERE (tenant = \(tenant)) IS TRUE AND access_package = \(package) AND id > \(id) AND state IN ('delivering', 'partiallyDelivered', 'delivered')
      ORDER BY id LIMIT \(limit)
      """)
  }

  /// A page of what an organization's people have, in the order of ids.
  func live(
    ofOrganization organization: UUID, tenant: UUID, after id: UUID, limit: Int
  ) throws -> [Assignment] {
    try connection.rows(
      """
      SELECT \(Self.columns) FROM assignment
      WHERE (tenant = \(tenant)) IS TRUE AND organization = \(organization) AND id > \(id)
        AND state IN ('delivering', 'partiallyDelivered', 'delivered')
      ORDER BY id LIMIT \(limit)
      """)
  }

  /// A page in the order of ids; of one person's or of all.
  func page(after id: UUID?, of tenants: [UUID], target: UUID?, limit: Int) throws -> [Assignment] {
    let scope: SQL = target.map { "AND target = \($0)" } ?? ""
    return try connection.rows(
      """
      SELECT \(Self.columns) FROM assignment
      WHERE \(Self.belongs(to: tenants, isOfOnePerson: target != nil)) AND id > \(id ?? UUID.lowest) \(scope)
      ORDER BY id LIMIT \(limit)
      """)
  }

  /// A tenant's page is found by the tenant; a person's, and one of all tenants, by other keys.
  private static func belongs(to tenants: [UUID], isOfOnePerson: Bool) -> SQL {
    guard tenants.count == 1, !isOfOnePerson else { return "(tenant = ANY(\(tenants))) IS TRUE" }
    return "tenant = \(tenants[0])"
  }

  /// - Throws: a retryable error when another transaction made one of them meanwhile.
  func insert(_ assignments: [Assignment]) throws {
    guard !assignments.isEmpty else { return }
    let written = try connection.execute(
      """
      INSERT INTO assignment (\(Self.columns)) SELECT * FROM \(try Self.values(assignments)) ON CONFLICT DO NOTHING
      """)
    try Raced.check(written, of: assignments.count, "assignment")
  }

  func update(_ assignments: [Assignment]) throws {
    guard !assignments.isEmpty else { return }
    try connection.execute(
      """
      UPDATE assignment AS a SET version = n.version, state = n.state, assignment_policy = n.policy,
        organization = n.organization, email = n.email,
        display_name = n.name, is_member = n.member, duration = n.duration, latest_end = n.latest_end, delivered_at = n.delivered_at,
        ends_at = n.ends_at, end_reason = n.end_reason, ended_at = n.ended_at, failure = n.failure,
        answered_request = n.answered, redeliveries = n.redeliveries, assertions = n.assertions,
        began_at = CASE WHEN n.redeliveries > a.redeliveries THEN now() ELSE a.began_at END,
        attribute_answers = n.answers, answered_at = n.answered_at, attribute_failure = n.attribute_failure
      FROM \(try Self.values(assignments)) WHERE a.tenant = n.tenant AND a.id = n.id
      """)
  }

  /// Which of them began before an instant and are not delivered: their approval has lapsed.
  func lapsed(of guests: Set<UUID>, of tenants: [UUID], before instant: Date) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT id FROM assignment WHERE (tenant = ANY(\(tenants))) IS TRUE AND target = ANY(\(guests.sorted()))
          AND state IN ('delivering', 'partiallyDelivered') AND began_at < \(instant)
        """, as: UUID.self))
  }

  private static let columns: SQL = """
    tenant, id, version, state, target, email, display_name, is_member, access_package, assignment_policy,
    organization, duration, latest_end, starts_at, delivered_at, ends_at, end_reason, ended_at, failure,
    answered_request, redeliveries, assertions, attribute_answers, answered_at, attribute_failure
    """

  private static func values(_ all: [Assignment]) throws -> SQL {
    """
    unnest(\(all.map(\.tenant)), \(all.map(\.id)), \(all.map(\.version)), \(all.map(\.state)),
      \(all.map(\.target.subject)), \(all.map(\.target.email)), \(all.map(\.target.displayName)),
      \(all.map(\.target.isMember)), \(all.map(\.accessPackage)), \(all.map(\.assignmentPolicy)),
      \(all.map(\.organization)), \(all.map { $0.term.duration?.iso }), \(all.map(\.term.latestEnd)),
      \(all.map(\.startsAt)), \(all.map(\.deliveredAt)), \(all.map(\.endsAt)), \(all.map(\.endReason)),
      \(all.map(\.endedAt)), \(all.map(\.failure)), \(all.map(\.answeredRequest)),
      \(all.map(\.reprocessed.redeliveries)), \(all.map(\.reprocessed.assertions)),
      \(try all.map { $0.attributeAnswers.isEmpty ? nil : JSONB(try $0.attributeAnswers.json()) }),
      \(all.map { $0.answeredAt == .distantPast ? nil : $0.answeredAt }), \(all.map(\.attributeFailure)))
    AS n (tenant, id, version, state, target, email, name, member, package, policy, organization, duration,
      latest_end, starts_at, delivered_at, ends_at, end_reason, ended_at, failure, answered, redeliveries, assertions,
      answers, answered_at, attribute_failure)
    """
  }
}

extension Assignment: RowDecodable {
  package init(_ row: inout Row) throws {
    let (tenant, id, version) = (try row.next(UUID.self), try row.next(UUID.self), try row.next(Int.self))
    self.init(
      id: id, tenant: tenant, version: version, state: try row.next(),
      target: Target(
        subject: try row.next(), email: try row.next(), displayName: try row.next(), isMember: try row.next()),
      accessPackage: try row.next(), assignmentPolicy: try row.next(), organization: try row.next(),
      term: Term(duration: try row.next(String?.self).flatMap { Period(iso: $0) }, latestEnd: try row.next()),
      startsAt: try row.next(), deliveredAt: try row.next(), endsAt: try row.next(),
      endReason: try row.next(),
      endedAt: try row.next(), failure: try row.next(), answeredRequest: try row.next(),
      reprocessed: AccessRequest.Reprocessed(redeliveries: try row.next(), assertions: try row.next()),
      attributeAnswers: try row.next(JSONB?.self).map { try [QuestionAnswer](json: $0.text) } ?? [],
      answeredAt: try row.next(Date?.self) ?? .distantPast, attributeFailure: try row.next())
  }
}
