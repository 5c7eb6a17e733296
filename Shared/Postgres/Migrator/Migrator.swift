/// Brings one schema to the state that a binary needs, and says whether it is there.
package struct Migrator: Sendable {
  private let schema: String
  private let migrations: [Migration]
  private let runtimeRole: String?

  /// How often a migration that waits too long for a lock is tried again.
  private static let attempts = 10

  /// - Parameters:
  ///   - migrations: the whole history, oldest first.
  ///   - runtimeRole: the role that the service runs with; it may read and write rows and nothing else.
  package init(schema: String, migrations: [Migration], runtimeRole: String? = nil) {
    self.schema = schema
    self.migrations = migrations
    self.runtimeRole = runtimeRole
  }

  /// Applies what is missing, each migration and its row in one transaction. Several migrators wait for each other.
  ///
  /// - Throws: `migrationChanged`, `schemaAhead`, `lockNotAvailable` if a table stayed in use, or what a migration's
  ///   SQL raises.
  package func migrate(using database: Database) async throws {
    var attempt = 1
    while true {
      do {
        return try await database.session(migrate)
      } catch let error as DatabaseError where error.code == .lockNotAvailable && attempt < Self.attempts {
        attempt += 1
        try await Task.sleep(for: Backoff.delay(beforeAttempt: attempt))
      }
    }
  }

  /// Checks that the schema is what this binary needs, changing nothing: for the runtime role, when a service starts.
  ///
  /// - Throws: `schemaBehind`, `schemaAhead` or `migrationChanged`, naming the migration.
  package func verify(using database: Database) async throws {
    do {
      let missing = try await database.transaction(readOnly: true) { connection in
        let history = try MigrationHistory(schema: schema, migrations: migrations, on: connection)
        return try history.pending().first?.migration.name
      }
      guard let missing else { return }
      throw DatabaseError(.schemaBehind, subject: missing)
    } catch let error as DatabaseError where error.code == .undefinedTable {
      throw DatabaseError(.schemaBehind, subject: migrations.first?.name)
    }
  }

  /// The session's end releases the advisory lock and undoes the settings.
  private func migrate(_ connection: Connection) throws {
    try connection.script("SET statement_timeout = 0; SET lock_timeout = 0")
    try connection.execute("SELECT pg_advisory_lock(hashtextextended(\("vestibule.migration.\(schema)"), 0))")
    try connection.script("SET lock_timeout = '2s'")
    try prepare(connection)
    let history = try MigrationHistory(schema: schema, migrations: migrations, on: connection)
    let pending = try history.pending()
    for (index, step) in zip(pending.indices, pending) {
      try apply(step.migration, checksum: step.checksum, position: index + 1, on: connection)
    }
    try grant(on: connection)
  }

  private func prepare(_ connection: Connection) throws {
    let name = try connection.identifier(schema)
    try connection.script(
      """
      CREATE SCHEMA IF NOT EXISTS \(name);
      CREATE TABLE IF NOT EXISTS \(name).schema_migration (
        position integer PRIMARY KEY,
        name text NOT NULL UNIQUE,
        checksum text NOT NULL,
        compatible boolean NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )
      """)
  }

  private func apply(
    _ migration: Migration, checksum: String, position: Int, on connection: Connection
  ) throws {
    let name = try connection.identifier(schema)
    try connection.script("BEGIN; SET LOCAL search_path = \(name)")
    try connection.script(migration.sql)
    guard connection.isInTransaction else { throw DatabaseError(.transactionEnded, subject: migration.name) }
    try connection.execute(
      """
      INSERT INTO \(unsafe: name).schema_migration (position, name, checksum, compatible)
      VALUES (\(position), \(migration.name), \(checksum), \(migration.isCompatible))
      """)
    try connection.commit()
  }

  private func grant(on connection: Connection) throws {
    guard let runtimeRole else { return }
    let name = try connection.identifier(schema)
    let role = try connection.identifier(runtimeRole)
    try connection.script(
      """
      BEGIN;
      GRANT USAGE ON SCHEMA \(name) TO \(role);
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(name) TO \(role);
      REVOKE INSERT, UPDATE, DELETE ON \(name).schema_migration FROM \(role);
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA \(name) TO \(role);
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA \(name) TO \(role);
      COMMIT
      """)
  }
}
