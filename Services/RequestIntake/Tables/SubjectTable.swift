package import EntitlementModel
import Foundation
package import Postgres

/// The rows `subject` and `subject_identity`.
struct SubjectTable {
  let connection: Connection

  static let columns: SQL = """
    s.id, s.tenant, s.version, s.name, s.email, s.display_name, s.kind, s.organization, s.is_barred, s.bar_reason,
    s.bar_until, s.left_at, s.manager, array_to_string(s.sponsors, ' '), s.cut_off_at, s.sessions_not_before, s.person,
    s.merged_into, s.hold_reason, s.hold_set_at, s.hold_lifted_at, s.erased_at,
    s.is_email_claimed
    """

  private static let newColumns: SQL = """
    n.id, n.tenant, n.version, n.name, n.email, n.email_key, n.display_name, n.kind, n.organization, n.is_barred,
    n.bar_reason, n.bar_until, n.left_at, n.manager, string_to_array(n.sponsors, ' ')::uuid[],
    n.cut_off_at, n.sessions_not_before, n.person, n.merged_into, n.hold_reason, n.hold_set_at, n.hold_lifted_at,
    n.erased_at, n.is_email_claimed
    """

  /// How addresses are compared.
  static func key(ofEmail email: String) -> String {
    email.lowercased()
  }

  func find(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: Subject] {
    keyed(
      try connection.rows(
        "SELECT \(Self.columns) FROM subject s WHERE id = ANY(\(ids.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE"
      ))
  }

  func lock(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: Subject] {
    keyed(
      try connection.rows(
        """
        SELECT \(Self.columns) FROM subject s WHERE id = ANY(\(ids.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
        ORDER BY id FOR UPDATE
        """))
  }

  /// Locks a subject and all others that are the same person.
  func lockPerson(of id: UUID, tenant: UUID) throws -> [UUID: Subject] {
    let known = try find([id], tenants: [tenant])
    var wanted = Set([id] + (try members(of: known.values.compactMap(\.person), tenants: [tenant])).map(\.id))
    while true {
      let locked = try lock(wanted, tenants: [tenant])
      let members = try members(of: Set(locked.values.compactMap(\.person)), tenants: [tenant]).map(\.id)
      // Somebody may have been linked to them before they were locked.
      if wanted.isSuperset(of: members) { return locked }
      wanted.formUnion(members)
    }
  }

  /// All subjects that are these people.
  func members(of people: some Sequence<UUID>, tenants: Set<UUID>) throws -> [Subject] {
    try connection.rows(
      "SELECT \(Self.columns) FROM subject s WHERE person = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE ORDER BY id"
    )
  }

  /// All subjects of the tenant's people who are under a legal hold, by whichever of their subjects.
  func held(_ tenant: UUID) throws -> [UUID] {
    try connection.values(
      """
      WITH held AS MATERIALIZED (
        SELECT id, person FROM subject
        WHERE tenant = \(tenant) AND hold_set_at IS NOT NULL AND hold_lifted_at IS NULL)
      SELECT id FROM held
      UNION SELECT s.id FROM held h JOIN subject s ON s.person = h.person AND (s.tenant = \(tenant)) IS TRUE
      """, as: UUID.self)
  }

  /// In place of those who were merged into somebody that one.
  func survivors<Key>(of found: [Key: Subject]) throws -> [Key: Subject] {
    let wanted = Set(found.values.compactMap(\.mergedInto))
    guard !wanted.isEmpty else { return found }
    let survivors = try find(wanted, tenants: Set(found.values.map(\.tenant)))
    return found.mapValues { subject in subject.mergedInto.flatMap { survivors[$0] } ?? subject }
  }

  /// Those who were merged into each of these people.
  func merged(into people: some Sequence<Subject>) throws -> [UUID: Set<UUID>] {
    let linked = people.filter { $0.person != nil }
    guard !linked.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT merged_into, id FROM subject
      WHERE merged_into = ANY(\(linked.map(\.id))) AND (tenant = ANY(\(Array(Set(linked.map(\.tenant)))))) IS TRUE
      """
    ) { row in (try row.next(UUID.self), try row.next(UUID.self)) }
    return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
  }

  /// The people that these sign-ins belong to.
  func find(_ identities: some Sequence<TenantIdentity>) throws -> [TenantIdentity: Subject] {
    let wanted = Array(identities)
    guard !wanted.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT \(Self.columns), i.issuer, i.subject
      FROM unnest(\(wanted.map(\.tenant)), \(wanted.map(\.identity.issuer)), \(wanted.map(\.identity.subject)))
        AS w (tenant, issuer, subject)
      JOIN subject_identity i ON i.tenant = w.tenant AND i.issuer = w.issuer AND i.subject = w.subject
      JOIN subject s ON s.id = i.person AND s.tenant = i.tenant
      """
    ) { row in
      let subject = try Subject(&row)
      return (
        TenantIdentity(
          tenant: subject.tenant, identity: Identity(issuer: try row.next(), subject: try row.next())),
        subject
      )
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// The people whose addresses these are; of several who is there, and known longest. Whoever only says to have an
  /// address is none of them.
  func find(_ addresses: some Sequence<Address>) throws -> [Address: Subject] {
    let wanted = Array(addresses)
    guard !wanted.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT DISTINCT ON (s.tenant, s.email_key) \(Self.columns), s.email_key
      FROM unnest(\(wanted.map(\.tenant)), \(wanted.map(\.key))) AS w (tenant, key)
      JOIN subject s ON s.tenant = w.tenant AND s.email_key = w.key AND s.email_key <> '' AND NOT s.is_email_claimed
      ORDER BY s.tenant, s.email_key, s.left_at IS NOT NULL, s.id
      """
    ) { row in
      let subject = try Subject(&row)
      return (Address(tenant: subject.tenant, key: try row.next()), subject)
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// Lets nobody else make, or find, whom these addresses lead to until the transaction ends. What comes after it sees
  /// what others have made.
  func serialize(_ addresses: some Sequence<Address>) throws {
    let wanted = Array(addresses)
    try connection.execute(
      """
      SELECT pg_advisory_xact_lock(lock) FROM (
        SELECT DISTINCT hashtextextended(tenant::text || ' ' || key, 5) AS lock
        FROM unnest(\(wanted.map(\.tenant)), \(wanted.map(\.key))) AS a (tenant, key) ORDER BY 1) l
      """)
  }

  /// Those of these people who have never signed in.
  func withoutSignIn(among people: Set<UUID>, tenants: Set<UUID>) throws -> Set<UUID> {
    guard !people.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT id FROM subject s WHERE id = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
          AND NOT EXISTS (SELECT FROM subject_identity i WHERE i.person = s.id)
        """, as: UUID.self))
  }

  /// Takes the addresses of these people for proved, unless they lead to somebody else.
  ///
  /// - Returns: those whose are.
  func prove(_ people: Set<UUID>, tenants: Set<UUID>) throws -> [Subject] {
    try connection.rows(
      """
      UPDATE subject s SET is_email_claimed = false, version = version + 1
      WHERE id = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND is_email_claimed
        AND NOT EXISTS (
          SELECT FROM subject o WHERE o.tenant = s.tenant AND o.email_key = s.email_key AND o.email_key <> ''
            AND NOT o.is_email_claimed)
      RETURNING \(Self.columns)
      """)
  }

  /// Their identities too.
  func withIdentities(_ subjects: [Subject]) throws -> [Subject] {
    let rows = try connection.rows(
      """
      SELECT person, issuer, subject FROM subject_identity WHERE person = ANY(\(subjects.map(\.id)))
      ORDER BY person, issuer, subject
      """
    ) { row in (try row.next(UUID.self), Identity(issuer: try row.next(), subject: try row.next())) }
    let identities = Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    return subjects.map { subject in
      var subject = subject
      subject.identities = identities[subject.id] ?? []
      return subject
    }
  }

  func page(tenant: UUID?, email: String = "", after id: UUID?, limit: Int) throws -> [Subject] {
    var sql: SQL = "SELECT \(Self.columns) FROM subject s WHERE true"
    if let tenant { sql += " AND tenant = \(tenant)" }
    if !email.isEmpty { sql += " AND email_key = \(Self.key(ofEmail: email)) AND email_key <> ''" }
    if let id { sql += " AND id > \(id)" }
    return try withIdentities(
      try connection.rows(sql + (tenant == nil ? " ORDER BY id" : " ORDER BY tenant, id") + " LIMIT \(limit)")
    )
  }

  /// Stores people or their new states.
  ///
  /// - Returns: the ids of those that were stored: not of one whose id is another tenant's.
  @discardableResult
  func save(_ subjects: [Subject]) throws -> Set<UUID> {
    guard !subjects.isEmpty else { return [] }
    let rows = subjects.sorted { $0.id < $1.id }
    return Set(
      try connection.values(
        """
        INSERT INTO subject AS s (id, tenant, version, name, email, email_key, display_name, kind, organization,
          is_barred, bar_reason, bar_until, left_at, manager, sponsors, cut_off_at, sessions_not_before, person,
          merged_into, hold_reason, hold_set_at, hold_lifted_at, erased_at,
          is_email_claimed)
        SELECT \(Self.newColumns) FROM \(values(rows))
        ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, name = excluded.name, email = excluded.email, email_key = excluded.email_key,
          display_name = excluded.display_name, kind = excluded.kind, organization = excluded.organization,
          is_barred = excluded.is_barred, bar_reason = excluded.bar_reason, bar_until = excluded.bar_until,
          left_at = excluded.left_at, manager = excluded.manager, sponsors = excluded.sponsors,
          cut_off_at = excluded.cut_off_at, sessions_not_before = excluded.sessions_not_before,
          person = excluded.person, merged_into = excluded.merged_into, hold_reason = excluded.hold_reason,
          hold_set_at = excluded.hold_set_at, hold_lifted_at = excluded.hold_lifted_at, erased_at = excluded.erased_at,
          is_email_claimed = excluded.is_email_claimed
        WHERE s.tenant = excluded.tenant
        RETURNING id
        """, as: UUID.self))
  }

  /// Stores people who have just signed in for the first time. Of two copies of the service that meet the
  /// same person, one does.
  ///
  /// - Returns: the ids of those who were stored here.
  func insertNew(_ subjects: [TenantIdentity: Subject]) throws -> Set<UUID> {
    let rows = subjects.sorted {
      ($0.key.identity.issuer, $0.key.identity.subject) < ($1.key.identity.issuer, $1.key.identity.subject)
    }
    guard !rows.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        WITH won AS (
          INSERT INTO subject_identity (tenant, issuer, subject, person)
          SELECT * FROM unnest(\(rows.map(\.key.tenant)), \(rows.map(\.key.identity.issuer)),
            \(rows.map(\.key.identity.subject)), \(rows.map(\.value.id)))
          ON CONFLICT DO NOTHING RETURNING person)
        INSERT INTO subject (id, tenant, version, name, email, email_key, display_name, kind, organization, is_barred,
          bar_reason, bar_until, left_at, manager, sponsors, cut_off_at, sessions_not_before, person, merged_into,
          hold_reason, hold_set_at, hold_lifted_at, erased_at,
          is_email_claimed)
        SELECT \(Self.newColumns) FROM \(values(rows.map(\.value))) WHERE n.id IN (SELECT person FROM won)
        RETURNING id
        """, as: UUID.self))
  }

  /// Gives people exactly these identities; what is somebody else's by now stays there.
  func replaceIdentities(_ subjects: [Subject]) throws {
    let wanted = subjects.flatMap { subject in
      subject.identities.map { (tenant: subject.tenant, identity: $0, person: subject.id) }
    }.sorted { ($0.identity.issuer, $0.identity.subject) < ($1.identity.issuer, $1.identity.subject) }
    let (issuers, names) = (wanted.map(\.identity.issuer), wanted.map(\.identity.subject))
    try connection.execute(
      """
      DELETE FROM subject_identity i WHERE person = ANY(\(subjects.map(\.id))) AND NOT EXISTS (
        SELECT 1 FROM unnest(\(wanted.map(\.person)), \(issuers), \(names)) AS n (person, issuer, subject)
        WHERE (n.person, n.issuer, n.subject) = (i.person, i.issuer, i.subject))
      """)
    try connection.execute(
      """
      INSERT INTO subject_identity (tenant, issuer, subject, person)
      SELECT * FROM unnest(\(wanted.map(\.tenant)), \(issuers), \(names), \(wanted.map(\.person)))
      ON CONFLICT DO NOTHING
      """)
  }

  /// The people who bear these names.
  func find(names: [String], tenant: UUID) throws -> [String: UUID] {
    let rows = try connection.rows(
      "SELECT name, id FROM subject WHERE tenant = \(tenant) AND name = ANY(\(names)) AND name <> ''"
    ) { row in (try row.next(String.self), try row.next(UUID.self)) }
    return Dictionary(rows) { first, _ in first }
  }

  /// Ties sign-ins that have proved an address to the people who were known by it alone (decision 1).
  ///
  /// - Returns: who they are.
  func bind(_ proved: [(who: TenantIdentity, address: Address)]) throws -> [(tenant: UUID, person: UUID)] {
    let rows = proved.sorted {
      ($0.who.identity.issuer, $0.who.identity.subject) < ($1.who.identity.issuer, $1.who.identity.subject)
    }
    return try connection.rows(
      """
      INSERT INTO subject_identity (tenant, issuer, subject, person)
      SELECT DISTINCT ON (s.id) s.tenant, w.issuer, w.subject, s.id
      FROM unnest(\(rows.map(\.who.tenant)), \(rows.map(\.who.identity.issuer)), \(rows.map(\.who.identity.subject)),
        \(rows.map(\.address.key))) AS w (tenant, issuer, subject, key)
      JOIN subject s ON s.tenant = w.tenant AND s.email_key = w.key AND s.email_key <> '' AND s.left_at IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM subject_identity i WHERE i.person = s.id)
      ORDER BY s.id
      ON CONFLICT DO NOTHING
      RETURNING tenant, person
      """
    ) { row in (try row.next(), try row.next()) }
  }

  /// Notes of which organizations people are who have just been found out to be of one.
  func join(_ organizations: [UUID: UUID], tenants: Set<UUID>) throws {
    guard !organizations.isEmpty else { return }
    let rows = organizations.sorted { $0.key < $1.key }
    try connection.execute(
      """
      UPDATE subject s SET organization = n.organization, version = s.version + 1
      FROM unnest(\(rows.map(\.key)), \(rows.map(\.value))) AS n (id, organization)
      WHERE s.id = n.id AND (s.tenant = ANY(\(Array(tenants)))) IS TRUE AND s.organization IS NULL
      """)
  }

  private func values(_ rows: [Subject]) -> SQL {
    """
    unnest(\(rows.map(\.id)), \(rows.map(\.tenant)), \(rows.map(\.version)), \(rows.map(\.name)), \(rows.map(\.email)),
      \(rows.map { Self.key(ofEmail: $0.email) }), \(rows.map(\.displayName)), \(rows.map(\.kind)),
      \(rows.map(\.organization)), \(rows.map { $0.bar != nil }), \(rows.map { $0.bar?.reason ?? "" }),
      \(rows.map(\.bar?.until)), \(rows.map(\.leftAt)),
      \(rows.map(\.manager)), \(rows.map { $0.sponsors.map(\.uuidString).joined(separator: " ") }),
      \(rows.map(\.cutOffAt)), \(rows.map(\.sessionsNotBefore)), \(rows.map(\.person)),
      \(rows.map(\.mergedInto)), \(rows.map { $0.legalHold?.reason ?? "" }), \(rows.map(\.legalHold?.setAt)),
      \(rows.map(\.legalHold?.liftedAt)), \(rows.map(\.erasedAt)), \(rows.map(\.isEmailClaimed)))
      AS n (id, tenant, version, name, email, email_key, display_name, kind, organization, is_barred, bar_reason,
        bar_until, left_at, manager, sponsors, cut_off_at, sessions_not_before, person, merged_into, hold_reason,
        hold_set_at, hold_lifted_at, erased_at, is_email_claimed)
    """
  }

  private func keyed(_ rows: [Subject]) -> [UUID: Subject] {
    Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
  }
}

extension Subject: RowDecodable {
  package init(_ row: inout Row) throws {
    self.init(
      id: try row.next(), tenant: try row.next(), version: try row.next(), name: try row.next(),
      email: try row.next(), displayName: try row.next(), kind: try row.next(), identities: [],
      organization: try row.next())
    let (isBarred, reason, until) = (
      try row.next(Bool.self), try row.next(String.self), try row.next(Date?.self)
    )
    if isBarred { bar = Bar(reason: reason, until: until) }
    (leftAt, manager) = (try row.next(), try row.next())
    sponsors = try row.next(String.self).split(separator: " ").compactMap { UUID(uuidString: String($0)) }
    (cutOffAt, sessionsNotBefore, person) = (try row.next(), try row.next(), try row.next())
    mergedInto = try row.next()
    let (hold, heldAt, liftedAt) = (
      try row.next(String.self), try row.next(Date?.self), try row.next(Date?.self)
    )
    legalHold = heldAt.map { LegalHold(reason: hold, setAt: $0, liftedAt: liftedAt) }
    (erasedAt, isEmailClaimed) = (try row.next(), try row.next())
  }
}

/// How somebody signs in to a tenant.
struct TenantIdentity: Hashable, Sendable {
  let tenant: UUID
  let identity: EntitlementModel.Identity
}

extension Subject {
  var address: Address { Address(tenant: tenant, email: email) }
}

/// An e-mail address of a tenant's people, as it is compared.
struct Address: Hashable, Sendable {
  let tenant: UUID
  let key: String

  init(tenant: UUID, key: String) {
    (self.tenant, self.key) = (tenant, key)
  }

  init(tenant: UUID, email: String) {
    self.init(tenant: tenant, key: SubjectTable.key(ofEmail: email))
  }
}
