import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols

/// The rows `tenant` and `configuration`.
struct ConfigurationTable {
  let connection: Connection

  /// The revisions that count now, and the schema's epoch.
  func revisions(of tenants: Set<UUID>) throws -> (epoch: Int, revisions: [UUID: Int64]) {
    let rows = try connection.rows(
      """
      SELECT e.value, t.id, t.revision FROM epoch e LEFT JOIN tenant t ON t.id = ANY(\(Array(tenants)))
      """
    ) { row in (try row.next(Int.self), try row.next(UUID?.self), try row.next(Int64?.self)) }
    let revisions = rows.compactMap { row in row.1.flatMap { id in row.2.map { (id, $0) } } }
    return (rows.first?.0 ?? 1, Dictionary(revisions) { first, _ in first })
  }

  /// What was written in each tenant after a revision, deleted objects among it.
  func changes(since seen: [(tenant: UUID, revision: Int64)], epoch: Int) throws -> [UUID:
    [ConfigurationEntry]]
  {
    let rows = try connection.rows(
      """
      SELECT c.tenant, c.id, c.version, c.deleted, c.object
      FROM unnest(\(seen.map(\.tenant)), \(seen.map(\.revision))) AS s (tenant, revision)
      JOIN configuration c ON c.tenant = s.tenant AND c.revision > s.revision
      """
    ) { row in (try row.next(UUID.self), try Self.entry(&row, epoch: epoch)) }
    return Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
  }

  /// Takes the tenant's row, so that no other change of its configuration can be made meanwhile.
  ///
  /// - Returns: false when there is no such tenant.
  func lock(_ tenant: UUID) throws -> Bool {
    try connection.row("SELECT id FROM tenant WHERE id = \(tenant) FOR NO KEY UPDATE") {
      try $0.next(UUID.self)
    } != nil
  }

  /// Makes a tenant; its configuration is then locked.
  func create(_ tenant: UUID) throws {
    try connection.execute("INSERT INTO tenant (id) VALUES (\(tenant)) ON CONFLICT (id) DO NOTHING")
  }

  /// Writes an object in its new version and raises the tenant's revision.
  ///
  /// - Throws: `notFound` for another tenant's id, of which nothing may be said.
  func save(_ object: Vestibule_Model_V1_ConfigurationObject, id: UUID, tenant: UUID) throws {
    let written = try connection.execute(
      """
      WITH next AS (UPDATE tenant SET revision = revision + 1 WHERE id = \(tenant) RETURNING revision)
      INSERT INTO configuration AS c (id, tenant, kind, name, version, revision, deleted, object)
      SELECT \(id), \(tenant), \(object.kind.text), \(object.name), \(object.version.number), revision,
        \(object.deleted), \(JSONB(try object.jsonText())) FROM next
      ON CONFLICT (id) DO UPDATE
      SET name = excluded.name, version = excluded.version, revision = excluded.revision, deleted = excluded.deleted,
        object = excluded.object
      WHERE c.tenant = excluded.tenant
      """)
    guard written == 1 else { throw Refusal.notFound }
  }

  /// An object as stored, deleted or not.
  func find(_ id: UUID, tenant: UUID, epoch: Int) throws -> ConfigurationEntry? {
    try connection.row(
      "SELECT id, version, deleted, object FROM configuration WHERE id = \(id) AND tenant = \(tenant)"
    ) { row in try Self.entry(&row, epoch: epoch) }
  }

  /// A page of a kind's objects, by name.
  func page(
    of kind: Vestibule_Api_V1_Kind, tenant: UUID, after name: String, limit: Int, epoch: Int
  ) throws -> [ConfigurationEntry] {
    try connection.rows(
      """
      SELECT id, version, deleted, object FROM configuration
      WHERE tenant = \(tenant) AND kind = \(kind.text) AND NOT deleted AND name > \(name)
      ORDER BY name LIMIT \(limit)
      """
    ) { row in try Self.entry(&row, epoch: epoch) }
  }

  /// A page of all objects, by id, deleted ones among it.
  func page(after id: UUID?, tenant: UUID?, limit: Int, epoch: Int) throws -> [ConfigurationEntry] {
    var sql: SQL = "SELECT id, version, deleted, object FROM configuration WHERE true"
    if let tenant { sql += " AND tenant = \(tenant)" }
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)") { row in
      try Self.entry(&row, epoch: epoch)
    }
  }

  /// Every tenant there is.
  func tenants() throws -> Set<UUID> {
    Set(try connection.values("SELECT id FROM tenant", as: UUID.self))
  }

  private static func entry(_ row: inout Row, epoch: Int) throws -> ConfigurationEntry {
    let (id, version, isDeleted) = (try row.next(UUID.self), try row.next(Int.self), try row.next(Bool.self))
    var object = try Vestibule_Model_V1_ConfigurationObject(jsonText: try row.next(JSONB.self).text)
    object.version = Vestibule_Model_V1_Version(epoch: epoch, number: version)
    object.deleted = isDeleted
    return try ConfigurationEntry(id: id, object: object)
  }
}
