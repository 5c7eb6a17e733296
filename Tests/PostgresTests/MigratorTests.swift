import Foundation
import Postgres
import Testing

/// Goal: a schema is what the binary needs, or nobody works with it. Method: histories that agree and that do not.
@Suite struct MigratorTests {
  private let person = Migration(name: "M0001_person", sql: "CREATE TABLE person (name text NOT NULL)")
  private let email = Migration(
    name: "M0002_email",
    sql: "-- compatible\nALTER TABLE person ADD COLUMN email text;\nCREATE TABLE mail (a int)")
  private let breaking = Migration(name: "M0003_breaking", sql: "ALTER TABLE person DROP COLUMN name")

  private func migrator(_ migrations: [Migration], role: String? = nil) -> Migrator {
    Migrator(schema: "people", migrations: migrations, runtimeRole: role)
  }

  private func applied(_ database: Database) async throws -> [String] {
    try await database.transaction {
      try $0.values("SELECT name FROM people.schema_migration ORDER BY position", as: String.self)
    }
  }

  @Test func theFirstLineSaysCompatible() {
    #expect(!person.isCompatible)
    #expect(email.isCompatible)
  }

  @Test func migratingTwiceChangesNothing() async throws {
    try await withDatabase { database in
      #expect(try await code { try await migrator([person]).verify(using: database) } == .schemaBehind)
      try await migrator([person]).migrate(using: database)
      #expect(
        try await code { try await migrator([person, email]).verify(using: database) } == .schemaBehind)
      try await migrator([person, email]).migrate(using: database)
      try await migrator([person, email]).migrate(using: database)
      try await migrator([person, email]).verify(using: database)
      #expect(try await applied(database) == ["M0001_person", "M0002_email"])
    }
  }

  @Test func concurrentMigratorsWaitForEachOther() async throws {
    try await withDatabase { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { try await migrator([person, email]).migrate(using: database) }
        }
        try await group.waitForAll()
      }
      #expect(try await applied(database) == ["M0001_person", "M0002_email"])
    }
  }

  @Test func aLongerHistoryMustBeCompatible() async throws {
    try await withDatabase { database in
      try await migrator([person, email]).migrate(using: database)
      try await migrator([person]).verify(using: database)
      try await migrator([person]).migrate(using: database)
      try await migrator([person, email, breaking]).migrate(using: database)
      let error = await #expect(throws: DatabaseError.self) {
        try await migrator([person, email]).verify(using: database)
      }
      #expect(error?.code == .schemaAhead)
      #expect(error?.subject == "M0003_breaking")
    }
  }

  @Test func aChangedHistoryIsRefused() async throws {
    try await withDatabase { database in
      try await migrator([person, email]).migrate(using: database)
      let edited = Migration(name: person.name, sql: person.sql + " ")
      for history in [[edited, email], [email, person]] {
        let refused = try await code { try await migrator(history).migrate(using: database) }
        #expect(refused == .migrationChanged)
        #expect(try await code { try await migrator(history).verify(using: database) } == .migrationChanged)
      }
    }
  }

  @Test func aFailingBodyLeavesNothing() async throws {
    try await withDatabase { database in
      let broken = Migration(
        name: "M0002_broken", sql: "CREATE TABLE half (a int); SELECT nothing FROM person")
      let failed = try await code { try await migrator([person, broken]).migrate(using: database) }
      #expect(failed == .undefinedColumn)
      #expect(try await applied(database) == ["M0001_person"])
      let half = try await database.transaction {
        try $0.value("SELECT to_regclass('people.half') IS NOT NULL", as: Bool.self)
      }
      #expect(!half)
      let ending = Migration(name: "M0002_ending", sql: "COMMIT")
      #expect(
        try await code { try await migrator([person, ending]).migrate(using: database) } == .transactionEnded)
      #expect(try await applied(database) == ["M0001_person"])
      try await migrator([person, email]).migrate(using: database)
    }
  }

  @Test func theRuntimeRoleMayUseRowsAlone() async throws {
    try await withDatabase { database in
      let role = "people_\(UUID().uuidString.lowercased())"
      try await database.transaction { try $0.script("CREATE ROLE \"\(role)\"") }
      try await migrator([person], role: role).migrate(using: database)
      try await database.transaction(settings: ["role": role]) { connection in
        try connection.execute("INSERT INTO people.person VALUES (\("a"))")
      }
      for forbidden in [
        "DROP TABLE people.person", "DELETE FROM people.schema_migration", "CREATE TABLE people.x ()",
      ] {
        let refused = try await code {
          try await database.transaction(settings: ["role": role]) { try $0.script(forbidden) }
        }
        #expect(refused == .insufficientPrivilege)
      }
      try await database.transaction { try $0.script("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"") }
    }
  }
}
