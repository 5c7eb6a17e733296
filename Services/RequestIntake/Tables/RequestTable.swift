import Contracts
import EntitlementModel
import Foundation
import Postgres

/// The rows `request`.
struct RequestTable {
  let connection: Connection

  static let columns: SQL = """
    id, tenant, version, kind, changes, state, status, target_subject, target_email, target_display_name,
    target_is_member, requestor, access_package, assignment_policy, organization, assignment, justification, answers, terms,
    is_first_stage_given, end_reason, adopts_guest, starts_at, duration, latest_end, created_at, completed_at,
    redeliveries, assertions, assignment_epoch, assignment_version, assignment_state, delivered_at,
    ends_at, assignment_ended_at, present_answers, present_answers_at, held_policy
    """

  func lock(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredRequest] {
    let sorted = ids.sorted()
    return keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM request WHERE id = ANY(\(sorted)) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
        ORDER BY id FOR UPDATE
        """))
  }

  /// The requests of these ids, and those whose assignments they change.
  func lockWithOrigins(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredRequest] {
    let sorted = ids.sorted()
    return keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM request
        WHERE id = ANY(\(sorted) || ARRAY(
            SELECT assignment FROM request WHERE id = ANY(\(sorted)) AND assignment <> id))
          AND (tenant = ANY(\(Array(tenants)))) IS TRUE
        ORDER BY id FOR UPDATE
        """))
  }

  /// The requests that made these assignments, and those that are about to change them.
  func lock(assignments: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredRequest] {
    let (sorted, tenants) = (assignments.sorted(), Array(tenants))
    return keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM request
        WHERE id = ANY(\(sorted) || ARRAY(
            SELECT id FROM request
            WHERE (tenant = ANY(\(tenants))) IS TRUE AND assignment = ANY(\(sorted)) AND open_change IS NOT NULL))
          AND (tenant = ANY(\(tenants))) IS TRUE
        ORDER BY id FOR UPDATE
        """))
  }

  /// Whatever is open or lasts of these people.
  func lock(standingOf people: [UUID], tenant: UUID) throws -> [UUID: StoredRequest] {
    keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM request
        WHERE target_subject = ANY(\(people.sorted())) AND (tenant = \(tenant)) IS TRUE
          AND (is_live OR open_change IS NOT NULL)
        ORDER BY id FOR UPDATE
        """))
  }

  /// What waits for the terms that these people have to accept.
  func lock(pendingTermsOf people: [UUID], tenants: Set<UUID>) throws -> [UUID: StoredRequest] {
    keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM request
        WHERE target_subject = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
          AND (is_live OR open_change IS NOT NULL) AND terms = 'pending'
        ORDER BY id FOR UPDATE
        """))
  }

  func find(_ ids: [UUID], tenants: Set<UUID>) throws -> [UUID: StoredRequest] {
    keyed(
      try connection.rows(
        "SELECT \(Self.columns) FROM request WHERE id = ANY(\(ids)) AND (tenant = ANY(\(Array(tenants)))) IS TRUE"
      ))
  }

  /// What stands for these people and packages.
  func standing(_ places: some Sequence<Place>) throws -> [Place: Standing] {
    let places = Array(places)
    let rows = try connection.rows(
      """
      SELECT r.tenant, r.target_subject, r.access_package, r.id, r.state
      FROM unnest(\(places.map(\.tenant)), \(places.map(\.subject)), \(places.map(\.package)))
        AS p (tenant, subject, package)
      JOIN request r ON r.target_subject = p.subject AND r.access_package = p.package AND r.is_live
        AND (r.tenant = p.tenant) IS TRUE
      """
    ) { row in
      (
        Place(tenant: try row.next(), subject: try row.next(), package: try row.next()),
        Standing(id: try row.next(), state: try row.next())
      )
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// Those of these people who hold access to something.
  func holders(among people: Set<UUID>, tenants: Set<UUID>) throws -> Set<UUID> {
    guard !people.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT DISTINCT target_subject FROM request
        WHERE target_subject = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND is_live
          AND state = 'delivered'
        """, as: UUID.self))
  }

  /// What is answered for the access that these people have.
  func liveAnswers(of people: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: [GivenAnswers]] {
    guard !people.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT target_subject, coalesce(present_answers, answers), coalesce(present_answers_at, created_at) FROM request
      WHERE target_subject = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND is_live
        AND state IN ('delivering', 'partiallyDelivered', 'delivered')
        AND coalesce(present_answers, answers) IS NOT NULL
      """
    ) { row in
      (
        try row.next(UUID.self),
        GivenAnswers(
          answers: try [QuestionAnswer](json: try row.next(JSONB.self).text), givenAt: try row.next())
      )
    }
    return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
  }

  /// Lets nobody else judge what these people may hold until the transaction ends.
  func serialize(people: Set<UUID>) throws {
    try connection.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended(p::text, 2)) FROM unnest(\(people.sorted())) AS p")
  }

  /// How many people of each organization hold or await access, and which of these people do; whoever was merged into
  /// somebody is that one.
  func guests(
    of organizations: some Sequence<UUID>, among people: [UUID], tenants: Set<UUID>
  ) throws -> [UUID: OrganizationGuests] {
    let sorted = organizations.sorted()
    guard !sorted.isEmpty else { return [:] }
    // Two copies of the service must not both give away an organization's last place.
    try connection.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended(o::text, 1)) FROM unnest(\(sorted)) AS o")
    let rows = try connection.rows(
      """
      SELECT organization, count(DISTINCT person),
        coalesce(array_agg(DISTINCT person) FILTER (WHERE person = ANY(\(people))), '{}')
      FROM (
        SELECT r.organization, coalesce(s.merged_into, r.target_subject) AS person
        FROM request r LEFT JOIN subject s ON s.id = r.target_subject AND (s.tenant = r.tenant) IS TRUE
        WHERE r.tenant = ANY(\(Array(tenants))) AND r.organization = ANY(\(sorted)) AND r.is_live
      ) AS guest
      GROUP BY organization
      """
    ) { row in
      (
        try row.next(UUID.self),
        OrganizationGuests(count: try row.next(), known: Set(try row.next([UUID].self)))
      )
    }
    return Dictionary(rows + sorted.map { ($0, OrganizationGuests()) }) { counted, _ in counted }
  }

  /// Stores new requests; what already stands is not stored.
  ///
  /// - Returns: the ids of those that were.
  func insert(_ requests: [AccessRequest]) throws -> Set<UUID> {
    let rows = requests.sorted {
      ($0.target.subject, $0.accessPackage, $0.assignment) < (
        $1.target.subject, $1.accessPackage, $1.assignment
      )
    }
    return Set(
      try connection.values(
        """
        INSERT INTO request (id, tenant, version, kind, changes, state, status, target_subject, target_email,
          target_display_name, target_is_member, requestor, access_package, assignment_policy, organization, assignment,
          justification, answers, terms, is_first_stage_given, end_reason, adopts_guest, starts_at, duration, latest_end,
          created_at, completed_at, redeliveries, assertions, is_live,
          open_change)
        SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.tenant)), \(rows.map(\.version)), \(rows.map(\.kind)),
          \(rows.map(\.update)), \(rows.map(\.state)), \(rows.map(\.status)), \(rows.map(\.target.subject)), \(rows.map(\.target.email)),
          \(rows.map(\.target.displayName)), \(rows.map(\.target.isMember)), \(rows.map(\.requestor)),
          \(rows.map(\.accessPackage)), \(rows.map(\.assignmentPolicy)), \(rows.map(\.organization)),
          \(rows.map(\.assignment)), \(rows.map(\.justification)),
          \(try rows.map { try StoredAnswers.json($0.answers) }), \(rows.map(\.terms)),
          \(rows.map(\.isFirstStageGiven)), \(rows.map(\.endReason)), \(rows.map(\.adoptsGuest)),
          \(rows.map(\.startsAt)),
          \(rows.map { $0.term.duration?.iso }), \(rows.map(\.term.latestEnd)), \(rows.map(\.createdAt)),
          \(rows.map(\.completedAt)), \(rows.map(\.reprocessed.redeliveries)), \(rows.map(\.reprocessed.assertions)),
          \(rows.map { $0.isLive(assignment: nil) }),
          \(rows.map(\.openChange)))
        ON CONFLICT DO NOTHING RETURNING id
        """, as: UUID.self))
  }

  /// Writes back what has changed of locked rows. A failed delivery that succeeds after all does not become
  /// live again beside a newer request.
  func update(_ changed: [StoredRequest]) throws {
    guard !changed.isEmpty else { return }
    let rows = changed.sorted { $0.request.id < $1.request.id }
    try connection.execute(
      """
      UPDATE request AS r
      SET version = n.version, state = n.state, status = n.status, terms = n.terms, duration = n.duration, latest_end = n.latest_end,
        completed_at = n.completed_at, open_change = n.open_change, redeliveries = n.redeliveries,
        assertions = n.assertions,
        is_live = n.is_live AND (r.is_live OR NOT EXISTS (
          SELECT 1 FROM request o
          WHERE o.tenant = r.tenant AND o.target_subject = r.target_subject AND o.access_package = r.access_package
            AND o.is_live)),
        assignment_epoch = n.epoch, assignment_version = n.number, assignment_state = n.assignment,
        delivered_at = n.delivered_at, ends_at = n.ends_at, present_answers = n.present_answers,
        present_answers_at = n.present_answers_at, held_policy = n.held_policy, assignment_ended_at = n.ended_at,
        organization = n.organization
      FROM unnest(\(rows.map(\.request.id)), \(rows.map(\.request.version)), \(rows.map(\.request.state)),
        \(rows.map(\.request.status)), \(rows.map(\.request.terms)), \(rows.map { $0.request.term.duration?.iso }),
        \(rows.map(\.request.term.latestEnd)), \(rows.map(\.request.completedAt)),
        \(rows.map(\.request.openChange)), \(rows.map(\.request.reprocessed.redeliveries)),
        \(rows.map(\.request.reprocessed.assertions)),
        \(rows.map { $0.request.isLive(assignment: $0.assignment) }),
        \(rows.map { Int32($0.assignment?.version.epoch ?? 0) }), \(rows.map { $0.assignment?.version.number ?? 0 }),
        \(rows.map(\.assignment?.state)), \(rows.map(\.assignment?.deliveredAt)), \(rows.map(\.assignment?.endsAt)),
        \(try rows.map { try $0.presentAnswers.map { JSONB(try $0.answers.json()) } }),
        \(rows.map(\.presentAnswers?.givenAt)), \(rows.map(\.assignment?.policy)), \(rows.map(\.assignment?.endedAt)),
        \(rows.map(\.request.organization)))
        AS n (id, version, state, status, terms, duration, latest_end, completed_at, open_change, redeliveries,
          assertions, is_live, epoch, number, assignment, delivered_at, ends_at, present_answers, present_answers_at,
          held_policy, ended_at, organization)
      WHERE r.id = n.id
      """)
  }

  /// Writes back locked extensions that stand for themselves from now on.
  func renew(_ changed: [StoredRequest]) throws {
    guard !changed.isEmpty else { return }
    try connection.execute(
      """
      UPDATE request AS r SET assignment = r.id, answers = n.answers
      FROM unnest(\(changed.map(\.request.id)), \(try changed.map { try StoredAnswers.json($0.request.answers) }))
        AS n (id, answers)
      WHERE r.id = n.id
      """)
    try revive(changed)
  }

  /// Writes back locked rows that stand again, with those that stand still.
  ///
  /// - Throws: a retryable error when another copy of the service was quicker with a newer request: all is judged again.
  func revive(_ changed: [StoredRequest]) throws {
    let raced = DatabaseError(.serializationFailure, subject: "request")
    do { try update(changed) } catch let error as DatabaseError where error.code == .uniqueViolation {
      throw raced
    }
    let expected = changed.filter { $0.request.isLive(assignment: $0.assignment) }.map(\.request.id)
    let live = try connection.values(
      "SELECT id FROM request WHERE id = ANY(\(expected)) AND is_live", as: UUID.self)
    if live.count < expected.count { throw raced }
  }

  private func keyed(_ rows: [StoredRequest]) -> [UUID: StoredRequest] {
    Dictionary(uniqueKeysWithValues: rows.map { ($0.request.id, $0) })
  }
}

/// One person and one package of a tenant: there is one live request for them.
struct Place: Hashable, Sendable {
  let tenant: UUID
  let subject: UUID
  let package: UUID
}

/// The request that stands at a place.
struct Standing: Sendable {
  let id: UUID
  let state: AccessRequest.State
}

/// An organization's people who hold or await access.
struct OrganizationGuests: Sendable {
  var count = 0
  /// Of the people of this batch, those who are counted: whoever was merged into somebody is that one.
  var known: Set<UUID> = []
}
