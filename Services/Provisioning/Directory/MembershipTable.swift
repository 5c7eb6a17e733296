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

struct MembershipTable {
  let connection: Connection

  /// Adds what is missing and returns that.
  func add(_ memberships: [Membership]) throws -> Set<Membership> {
    guard !memberships.isEmpty else { return [] }
    let added = try connection.rows(
      """
      INSERT INTO directory.membership (tenant, "user", resource, role) SELECT * FROM \(Self.values(memberships))
      ON CONFLICT DO NOTHING RETURNING tenant, "user", resource, role
      """, as: Membership.self)
    return Set(added)
  }

  func remove(_ memberships: [Membership]) throws {
    guard !memberships.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory.membership AS m USING \(Self.values(memberships))
      WHERE m.tenant = n.tenant AND m."user" = n.id AND m.resource = n.resource AND m.role = n.role
      """)
  }

  func existing(_ memberships: [Membership]) throws -> Set<Membership> {
    guard !memberships.isEmpty else { return [] }
    let rows = try connection.rows(
      """
      SELECT m.tenant, m."user", m.resource, m.role FROM directory.membership m JOIN \(Self.values(memberships))
      ON m.tenant = n.tenant AND m."user" = n.id AND m.resource = n.resource AND m.role = n.role
      """, as: Membership.self)
    return Set(rows)
  }

  /// All that the users have who are about to be deleted.
  func removeAll(of accounts: [AccountCommand]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory.membership AS m
      USING unnest(\(accounts.map(\.tenant)), \(accounts.map(\.guest))) AS n (tenant, id)
      WHERE m.tenant = n.tenant AND m."user" = n.id
      """)
  }

  private static func values(_ all: [Membership]) -> SQL {
    """
    unnest(\(all.map(\.tenant)), \(all.map(\.user)), \(all.map(\.resource)), \(all.map(\.role)))
    AS n (tenant, id, resource, role)
    """
  }
}
