import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols

/// The groups whose members others are told of: those that configuration names. Once named, for ever.
struct NamedGroupTable {
  let connection: Connection

  /// A person and a group, as others are to know it.
  struct Member: Sendable, Hashable {
    let group: DirectoryResource.Key
    let subject: UUID
    let isMember: Bool
    let version: Int
  }

  /// Names groups; whoever is in a new one is to be told.
  func name(_ groups: Set<DirectoryResource.Key>) throws {
    let unknown = try groups.subtracting(known(groups))
    guard !unknown.isEmpty else { return }
    let new = unknown.sorted { ($0.tenant, $0.id) < ($1.tenant, $1.id) }
    try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('directory.named_group', 0))")
    try connection.execute(
      """
      INSERT INTO directory.named_group (tenant, id, key)
      SELECT * FROM unnest(\(new.map(\.tenant)), \(new.map(\.id)), \(new.map(\.groupKey))) ON CONFLICT DO NOTHING
      """)
    try connection.execute(
      """
      WITH noted AS (
        INSERT INTO directory.group_member (tenant, "group", subject, is_member, version)
        SELECT m.tenant, m.resource, m.person, true, 1
        FROM unnest(\(new.map(\.tenant)), \(new.map(\.id))) AS n (tenant, id)
        JOIN directory.membership m ON m.resource = n.id AND m.tenant = n.tenant AND m.role = 'member'
        ON CONFLICT DO NOTHING RETURNING tenant, "group", subject, is_member, version)
      INSERT INTO directory.group_change (tenant, "group", subject, is_member, version) SELECT * FROM noted
      """)
  }

  /// Takes what has not been told, oldest first; another copy takes other changes.
  func takeChanges(limit: Int) throws -> [Member] {
    try connection.rows(
      """
      DELETE FROM directory.group_change WHERE id = ANY (ARRAY(
        SELECT id FROM directory.group_change ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED))
      RETURNING tenant, "group", subject, is_member, version
      """)
  }

  /// A page of groups, by key.
  func page(after key: UUID?, of tenants: [UUID], limit: Int) throws -> [DirectoryResource.Key] {
    var sql: SQL = "SELECT tenant, id FROM directory.named_group WHERE tenant = ANY(\(tenants))"
    if let key { sql += " AND key > \(key)" }
    return try connection.rows(sql + " ORDER BY key LIMIT \(limit)") { row in
      DirectoryResource.Key(tenant: try row.next(), id: try row.next())
    }
  }

  /// Everybody who is or was in a group.
  func members(of group: DirectoryResource.Key) throws -> [Member] {
    try connection.rows(
      """
      SELECT tenant, "group", subject, is_member, version FROM directory.group_member
      WHERE "group" = \(group.id) AND tenant = \(group.tenant) ORDER BY subject
      """)
  }

  private func known(_ groups: Set<DirectoryResource.Key>) throws -> Set<DirectoryResource.Key> {
    guard !groups.isEmpty else { return [] }
    let asked = Array(groups)
    let rows = try connection.rows(
      """
      SELECT g.tenant, g.id FROM directory.named_group g
      JOIN unnest(\(asked.map(\.tenant)), \(asked.map(\.id))) AS n (tenant, id) ON g.id = n.id AND g.tenant = n.tenant
      """
    ) { row in DirectoryResource.Key(tenant: try row.next(), id: try row.next()) }
    return Set(rows)
  }
}

extension NamedGroupTable.Member: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      group: DirectoryResource.Key(tenant: try row.next(), id: try row.next()), subject: try row.next(),
      isMember: try row.next(), version: try row.next())
  }
}

extension DirectoryResource.Key {
  /// The id under which events tell of the group.
  var groupKey: UUID { UUID(namedBy: [tenant.text, "directoryGroup", id]) }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// The groups of the built-in directory that it names for who is in them.
  var namedGroups: Set<DirectoryResource.Key> {
    guard let tenant = UUID(text: tenant), !deleted else { return [] }
    return Set(
      groupReferences.map { DirectoryResource.Key(tenant: tenant, id: $0.originID) }.filter { !$0.id.isEmpty }
    )
  }
}
