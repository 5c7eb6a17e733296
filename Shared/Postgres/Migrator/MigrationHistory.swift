/// A migration as the database remembers it.
struct AppliedMigration: RowDecodable {
  let name: String
  let checksum: String
  let isCompatible: Bool

  init(_ row: inout Row) throws {
    name = try row.next()
    checksum = try row.next()
    isCompatible = try row.next()
  }
}

/// What a binary knows, held against what the database has.
struct MigrationHistory {
  let known: [(migration: Migration, checksum: String)]
  let applied: [AppliedMigration]

  /// The migrations still to be applied, in order.
  ///
  /// - Throws: `migrationChanged` or `schemaAhead`, naming the migration.
  func pending() throws(DatabaseError) -> ArraySlice<(migration: Migration, checksum: String)> {
    for (known, applied) in zip(known, applied) {
      guard known.migration.name == applied.name, known.checksum == applied.checksum else {
        throw DatabaseError(.migrationChanged, subject: applied.name)
      }
    }
    if let unknown = applied.dropFirst(known.count).first(where: { !$0.isCompatible }) {
      throw DatabaseError(.schemaAhead, subject: unknown.name)
    }
    return known.dropFirst(applied.count)
  }
}

extension MigrationHistory {
  /// The server makes the checksums, so that this module needs no cryptography.
  init(schema: String, migrations: [Migration], on connection: Connection) throws {
    let table = try "\(connection.identifier(schema)).schema_migration"
    let checksums = try connection.values(
      """
      SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex')
      FROM unnest(\(migrations.map(\.sql))) WITH ORDINALITY AS migration (body, position) ORDER BY position
      """, as: String.self)
    known = Array(zip(migrations, checksums).map { (migration: $0, checksum: $1) })
    applied = try connection.rows(
      "SELECT name, checksum, compatible FROM \(unsafe: table) ORDER BY position", as: AppliedMigration.self)
  }
}
