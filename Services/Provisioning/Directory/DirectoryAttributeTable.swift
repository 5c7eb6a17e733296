import Contracts
import Foundation
import Postgres

/// An attribute of a user of the built-in directory.
struct DirectoryAttribute: Hashable {
  let tenant: UUID
  let user: UUID
  let name: String

  /// Nil for an account id that is none of this directory's.
  init?(_ command: AttributeCommand) {
    guard let user = UUID(text: command.externalID) else { return nil }
    (tenant, self.user, name) = (command.tenant, user, command.name)
  }

  fileprivate init(tenant: UUID, user: UUID, name: String) {
    (self.tenant, self.user, self.name) = (tenant, user, name)
  }
}

struct DirectoryAttributeTable {
  let connection: Connection

  func values(of attributes: [DirectoryAttribute]) throws -> [DirectoryAttribute: String] {
    guard !attributes.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT a.tenant, a."user", a.name, a.value FROM directory.attribute a JOIN \(Self.keys(attributes))
        ON a.tenant = n.tenant AND a."user" = n.id AND a.name = n.name
      """
    ) { row in
      (
        DirectoryAttribute(tenant: try row.next(), user: try row.next(), name: try row.next()),
        try row.next(String.self)
      )
    }
    return Dictionary(rows) { first, _ in first }
  }

  /// Writes values for users that there are.
  func set(_ values: [(attribute: DirectoryAttribute, value: String)]) throws {
    guard !values.isEmpty else { return }
    let sorted = values.sorted {
      ($0.attribute.user, $0.attribute.name) < ($1.attribute.user, $1.attribute.name)
    }
    let attributes = sorted.map(\.attribute)
    try connection.execute(
      """
      INSERT INTO directory.attribute AS a (tenant, "user", name, value)
      SELECT n.tenant, n.id, n.name, n.value
      FROM unnest(\(attributes.map(\.tenant)), \(attributes.map(\.user)), \(attributes.map(\.name)),
        \(sorted.map(\.value))) AS n (tenant, id, name, value)
      JOIN directory."user" u ON u.tenant = n.tenant AND u.id = n.id
      ON CONFLICT ("user", name, tenant) DO UPDATE SET value = excluded.value
      """)
  }

  func clear(_ attributes: [DirectoryAttribute]) throws {
    guard !attributes.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory.attribute AS a USING \(Self.keys(attributes))
      WHERE a.tenant = n.tenant AND a."user" = n.id AND a.name = n.name
      """)
  }

  /// Of which accounts there is a user.
  func users(of attributes: [DirectoryAttribute]) throws -> Set<UUID> {
    guard !attributes.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT u.id FROM directory."user" u
        JOIN unnest(\(attributes.map(\.tenant)), \(attributes.map(\.user))) AS n (tenant, id)
          ON u.tenant = n.tenant AND u.id = n.id
        """, as: UUID.self))
  }

  /// All of the users who are about to be deleted.
  func removeAll(of accounts: [AccountCommand]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM directory.attribute AS a
      USING unnest(\(accounts.map(\.tenant)), \(accounts.map(\.guest))) AS n (tenant, id)
      WHERE a.tenant = n.tenant AND a."user" = n.id
      """)
  }

  private static func keys(_ all: [DirectoryAttribute]) -> SQL {
    "unnest(\(all.map(\.tenant)), \(all.map(\.user)), \(all.map(\.name))) AS n (tenant, id, name)"
  }
}
