import Contracts
import Foundation
import Postgres

/// A role of a resource that a user of the built-in directory has.
struct Membership: Hashable {
  let tenant: UUID
  let user: UUID
  let resource: String
  let role: String
}

extension Membership {
  /// Nil for an account id that is none of this directory's.
  init?(_ command: RoleCommand) {
    guard let user = UUID(text: command.externalID) else { return nil }
    self.init(tenant: command.tenant, user: user, resource: command.originID, role: command.role)
  }
}

extension Membership: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(tenant: try row.next(), user: try row.next(), resource: try row.next(), role: try row.next())
  }
}

/// A membership that somebody is given.
struct Grant: Hashable {
  let membership: Membership
  let subject: UUID

  init(_ membership: Membership, to subject: UUID) {
    (self.membership, self.subject) = (membership, subject)
  }

  /// Nil for an account id that is none of this directory's.
  init?(_ command: RoleCommand) {
    guard let membership = Membership(command) else { return nil }
    self.init(membership, to: command.guest)
  }
}

struct MembershipTable {
  let connection: Connection

  /// Adds what is missing and returns that.
  func add(_ grants: [Grant]) throws -> Set<Membership> {
    guard !grants.isEmpty else { return [] }
    let memberships = grants.map(\.membership)
    let added = try connection.rows(
      """
      INSERT INTO directory.membership (tenant, "user", resource, role, subject)
      SELECT * FROM unnest(\(memberships.map(\.tenant)), \(memberships.map(\.user)), \(memberships.map(\.resource)),
        \(memberships.map(\.role)), \(grants.map(\.subject)))
      ON CONFLICT DO NOTHING RETURNING tenant, "user", resource, role
      """, as: Membership.self)
    return Set(added)
  }

  /// - Returns: how many there were.
  @discardableResult
  func remove(_ memberships: [Membership]) throws -> Int {
    guard !memberships.isEmpty else { return 0 }
    return try connection.execute(
      """
      DELETE FROM directory.membership AS m USING \(Self.values(memberships))
      WHERE (m.tenant = n.tenant) IS TRUE AND m."user" = n.id AND m.resource = n.resource AND m.role = n.role
      """)
  }

  /// Of these people those who have the role, by whichever account.
  func holders(of resource: DirectoryResource.Key, role: String, among people: [UUID]) throws -> Set<UUID> {
    guard !people.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT m.person FROM unnest(\(people)) AS n (person) JOIN directory.membership m ON m.person = n.person
        WHERE m.resource = \(resource.id) AND m.role = \(role) AND m.tenant = \(resource.tenant)
        """, as: UUID.self))
  }

  /// Takes the role from people, by whichever account they have it.
  ///
  /// - Returns: from whom.
  func remove(
    of resource: DirectoryResource.Key, role: String, from people: [UUID]
  ) throws -> Set<UUID> {
    guard !people.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        DELETE FROM directory.membership AS m USING unnest(\(people)) AS n (person)
        WHERE m.person = n.person
          AND m.resource = \(resource.id) AND m.role = \(role) AND m.tenant = \(resource.tenant)
        RETURNING m.person
        """, as: UUID.self))
  }

  func existing(_ memberships: [Membership]) throws -> Set<Membership> {
    guard !memberships.isEmpty else { return [] }
    let rows = try connection.rows(
      """
      SELECT m.tenant, m."user", m.resource, m.role FROM directory.membership m JOIN \(Self.values(memberships))
      ON (m.tenant = n.tenant) IS TRUE AND m."user" = n.id AND m.resource = n.resource AND m.role = n.role
      """, as: Membership.self)
    return Set(rows)
  }

  /// A page of the people who have a role of a resource, by id.
  func page(
    of resource: DirectoryResource.Key, role: String, after subject: UUID?, limit: Int
  ) throws -> [UUID] {
    var sql: SQL = """
      SELECT DISTINCT person FROM directory.membership
      WHERE resource = \(resource.id) AND role = \(role) AND tenant = \(resource.tenant)
      """
    if let subject { sql += " AND person > \(subject)" }
    return try connection.values(sql + " ORDER BY person LIMIT \(limit)", as: UUID.self)
  }

  /// All that the users have who are about to be deleted.
  func removeAll(of accounts: [AccountCommand]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory.membership AS m
      USING unnest(\(accounts.map(\.tenant)), \(accounts.map(\.guest))) AS n (tenant, id)
      WHERE (m.tenant = n.tenant) IS TRUE AND m."user" = n.id
      """)
  }

  private static func values(_ all: [Membership]) -> SQL {
    """
    unnest(\(all.map(\.tenant)), \(all.map(\.user)), \(all.map(\.resource)), \(all.map(\.role)))
    AS n (tenant, id, resource, role)
    """
  }
}
