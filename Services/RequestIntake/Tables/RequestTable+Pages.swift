import EntitlementModel
import Foundation
import Postgres

extension RequestTable {
  /// Where a page of requests goes on: after this person's request.
  struct Key: Sendable, Equatable {
    let subject: UUID
    let id: UUID
  }

  /// A page of a tenant's requests, by person and then in the order in which they were made.
  func page(
    tenant: UUID, of people: Set<UUID>?, package: UUID?, states: [AccessRequest.State] = [],
    kinds: [AccessRequest.Kind] = [], after key: Key?, limit: Int
  ) throws -> [StoredRequest] {
    var sql: SQL = "SELECT \(Self.columns) FROM request WHERE tenant = \(tenant)"
    if let people { sql += " AND target_subject = ANY(\(people.sorted()))" }
    if let package { sql += " AND access_package = \(package)" }
    if !states.isEmpty { sql += " AND state = ANY(\(states))" }
    if !kinds.isEmpty { sql += " AND kind = ANY(\(kinds))" }
    if let key { sql += " AND (target_subject, id) > (\(key.subject), \(key.id))" }
    sql += " ORDER BY target_subject, id LIMIT \(limit)"
    return try connection.rows(sql)
  }

  /// The subject of `a`, and all who are the same person.
  private static let sameAsHolder: SQL = """
    (SELECT a.target_subject AS subject
    UNION SELECT o.id FROM subject s JOIN subject o ON o.person = s.person AND (o.tenant = s.tenant) IS TRUE
    WHERE s.id = a.target_subject AND (s.tenant = a.tenant) IS TRUE AND s.person IS NOT NULL)
    """

  /// The people who hold, or ask for, both packages, by id, each by whatever identity: what stands for each.
  func holders(
    ofBoth package: UUID, and other: UUID, tenant: UUID, after person: UUID?, limit: Int
  ) throws -> [(target: Target, assignment: UUID, other: UUID)] {
    var sql: SQL = """
      SELECT a.target_subject, a.target_email, a.target_display_name, a.target_is_member, a.id, b.id
      FROM request a
      CROSS JOIN LATERAL (
        SELECT b.id FROM \(Self.sameAsHolder) known
        JOIN request b ON b.tenant = a.tenant AND b.target_subject = known.subject AND b.access_package = \(other)
          AND b.is_live
        ORDER BY b.id LIMIT 1) b
      WHERE a.tenant = \(tenant) AND a.access_package = \(package) AND a.is_live
      """
    if let person { sql += " AND a.target_subject > \(person)" }
    return try connection.rows(sql + " ORDER BY a.target_subject LIMIT \(limit)") { row in
      (
        Target(
          subject: try row.next(), email: try row.next(), displayName: try row.next(),
          isMember: try row.next()),
        try row.next(), try row.next()
      )
    }
  }

  /// The people who hold, or ask for, a package and are in a group, by id, each by whatever identity.
  func holders(
    of package: UUID, in group: String, tenant: UUID, after person: UUID?, limit: Int
  ) throws -> [(target: Target, assignment: UUID)] {
    var sql: SQL = """
      SELECT a.target_subject, a.target_email, a.target_display_name, a.target_is_member, a.id
      FROM request a
      WHERE a.tenant = \(tenant) AND a.access_package = \(package) AND a.is_live
        AND EXISTS (
          SELECT FROM \(Self.sameAsHolder) known
          JOIN group_member_copy m ON m.subject = known.subject AND m."group" = \(group) AND m.is_member
            AND (m.tenant = a.tenant) IS TRUE)
      """
    if let person { sql += " AND a.target_subject > \(person)" }
    return try connection.rows(sql + " ORDER BY a.target_subject LIMIT \(limit)") { row in
      (
        Target(
          subject: try row.next(), email: try row.next(), displayName: try row.next(),
          isMember: try row.next()),
        try row.next()
      )
    }
  }

  /// A page of what lasts or is open and whose terms its person has not accepted, by id.
  func pageAwaitingTerms(tenant: UUID, after id: UUID?, limit: Int) throws -> [StoredRequest] {
    var sql: SQL =
      "SELECT \(Self.columns) FROM request WHERE tenant = \(tenant) AND terms = 'pending' AND is_live"
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)")
  }

  /// A page of what is open or lasts, by id.
  func standingPage(after id: UUID?, tenant: UUID?, limit: Int) throws -> [StoredRequest] {
    var sql: SQL = "SELECT \(Self.columns) FROM request WHERE (is_live OR open_change IS NOT NULL)"
    if let tenant { sql += " AND tenant = \(tenant)" }
    if let id { sql += " AND id > \(id)" }
    sql += " ORDER BY id LIMIT \(limit)"
    return try connection.rows(sql)
  }

  /// What lives of a package, under a policy, or in an organization.
  func living(
    tenant: UUID, package: UUID? = nil, policy: UUID? = nil, organization: UUID? = nil
  ) throws -> Living {
    var sql: SQL = """
      SELECT count(*), coalesce((array_agg(id ORDER BY id))[1:3], '{}') FROM request WHERE tenant = \(tenant)
      """
    if let package { sql += " AND access_package = \(package)" }
    if let policy {
      // Access that was moved is held by the policy that it has now; access that is to be moved, by both.
      sql +=
        " AND (is_live OR open_change = 'update') AND coalesce(held_policy, assignment_policy) = \(policy)"
    } else {
      sql += " AND is_live"
    }
    if let organization { sql += " AND organization = \(organization)" }
    return try connection.row(sql) { row in Living(count: try row.next(), first: try row.next()) } ?? Living()
  }

  /// Whether the person has one of these packages by now.
  func holds(_ packages: some Sequence<UUID>, subject: UUID, tenant: UUID) throws -> Bool {
    try connection.value(
      """
      SELECT EXISTS (SELECT 1 FROM request WHERE target_subject = \(subject) AND access_package = ANY(\(packages.sorted()))
        AND (tenant = \(tenant)) IS TRUE AND is_live AND state = 'delivered')
      """)
  }
}

/// How many requests are open and assignments last, and the first of them.
struct Living: Sendable {
  var count = 0
  var first: [UUID] = []
}
