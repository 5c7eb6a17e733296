import Dispatch
import Foundation
import Postgres
import TestSupport
import Testing

private struct Refusal: Error {}

/// Goal: a transaction is done wholly or not at all, and conflicts are nobody's business but the door's.
/// Method: real conflicts between two sessions, held in step by semaphores in the bodies' first runs.
@Suite struct TransactionTests {
  private func withCounter(_ body: (Database) async throws -> Void) async throws {
    try await withDatabase { database in
      try await database.transaction { connection in
        try connection.script(
          "CREATE TABLE counter (id int PRIMARY KEY, n bigint NOT NULL); INSERT INTO counter VALUES (1, 0), (2, 0)"
        )
      }
      try await body(database)
    }
  }

  private func count(_ database: Database, id: Int = 1) async throws -> Int {
    try await database.transaction { try $0.value("SELECT n FROM counter WHERE id = \(id)", as: Int.self) }
  }

  @Test func thrownErrorsRollBack() async throws {
    try await withCounter { database in
      await #expect(throws: Refusal.self) {
        try await database.transaction { connection in
          try connection.execute("UPDATE counter SET n = 5")
          throw Refusal()
        }
      }
      let kept = try await count(database)
      #expect(kept == 0)
    }
  }

  @Test func swallowedErrorsDoNotCommit() async throws {
    try await withCounter { database in
      let swallowed = try await code {
        try await database.transaction { connection in
          try connection.execute("UPDATE counter SET n = 5")
          _ = try? connection.execute("SELECT 1 / 0")
        }
      }
      #expect(swallowed == .transactionAborted)
      let ended = try await code {
        try await database.transaction { try $0.script("ROLLBACK") }
      }
      #expect(ended == .transactionEnded)
      let open = try await code {
        try await database.session { try $0.script("BEGIN; UPDATE counter SET n = 5") }
      }
      #expect(open == .transactionOpen)
      #expect(try await count(database) == 0)
    }
  }

  @Test func constraintsAreNamedAndValuesKept() async throws {
    try await withCounter { database in
      let error = await #expect(throws: DatabaseError.self) {
        try await database.transaction { connection in
          try connection.execute("INSERT INTO counter VALUES (\(1), \(4711))")
        }
      }
      #expect(error?.code == .uniqueViolation)
      #expect(error?.constraint == "counter_pkey")
      #expect(error?.isRetryable == false)
      #expect(error.map { "\($0)" } == "database error 23505 (counter_pkey)")
      #expect(error?.debugDescription.contains("(id)=(1)") == true)
    }
  }

  @Test func serializationFailuresRunAgain() async throws {
    try await withCounter { database in
      let (read, updated) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      let runs = RunCounter()
      async let slow: Void = database.transaction(isolation: .repeatableRead) { connection in
        let run = runs.next()
        let n = try connection.value("SELECT n FROM counter WHERE id = 1", as: Int.self)
        if run == 1 {
          read.signal()
          updated.wait()
        }
        try connection.execute("UPDATE counter SET n = \(n + 1) WHERE id = 1")
      }
      try await database.transaction { connection in
        read.wait()
        try connection.execute("UPDATE counter SET n = n + 10 WHERE id = 1")
      }
      updated.signal()
      try await slow
      #expect(runs.total == 2)
      #expect(try await count(database) == 11)
    }
  }

  @Test func deadlocksRunAgain() async throws {
    try await withCounter { database in
      let locked = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
      let runs = [RunCounter(), RunCounter()]
      @Sendable func cross(_ own: Int, _ other: Int) async throws {
        try await database.transaction { connection in
          let run = runs[own - 1].next()
          try connection.execute("UPDATE counter SET n = n + 1 WHERE id = \(own)")
          if run == 1 {
            locked[own - 1].signal()
            locked[other - 1].wait()
          }
          try connection.execute("UPDATE counter SET n = n + 1 WHERE id = \(other)")
        }
      }
      async let one: Void = cross(1, 2)
      async let two: Void = cross(2, 1)
      _ = try await (one, two)
      #expect(runs[0].total + runs[1].total == 3)
      #expect(try await count(database, id: 1) == 2)
      #expect(try await count(database, id: 2) == 2)
    }
  }

  @Test func conflictsAreBounded() async throws {
    try await withCounter { database in
      let runs = RunCounter()
      let failed = try await code {
        try await database.transaction { connection in
          _ = runs.next()
          try connection.script("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")
        }
      }
      #expect(failed == .serializationFailure)
      #expect(runs.total == 5)
    }
  }

  @Test func commitOfUnknownOutcomeSaysSo() async throws {
    try await withCounter { database in
      try await database.transaction { connection in
        try connection.script(
          """
          CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$;
          CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON counter DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()
          """)
      }
      let unknown = await #expect(throws: DatabaseError.self) {
        try await database.transaction { try $0.execute("UPDATE counter SET n = 1") }
      }
      #expect(unknown?.code == .commitUnknown)
      #expect(unknown?.isRetryable == false)
      #expect(try await count(database) == 0)
    }
  }

  @Test func settingsRuleTheRows() async throws {
    try await withDatabase { database in
      let tenants = [UUID(), UUID()]
      try await database.transaction { connection in
        try connection.script(
          """
          CREATE TABLE item (tenant uuid NOT NULL);
          ALTER TABLE item ENABLE ROW LEVEL SECURITY;
          CREATE POLICY tenant ON item USING (
            tenant = ANY ((SELECT current_setting('vestibule.tenants')::uuid[])::uuid[]))
          """)
        try connection.execute("INSERT INTO item SELECT unnest(\(tenants))")
      }
      let role = "reader_\(UUID().uuidString.prefix(8))"
      try await database.transaction {
        try $0.script("CREATE ROLE \"\(role)\"; GRANT SELECT ON item TO \"\(role)\"")
      }
      let settings = ["vestibule.tenants": "{\(tenants[1])}", "role": role]
      let seen = try await database.transaction(settings: settings) { connection in
        try connection.values("SELECT tenant FROM item", as: UUID.self)
      }
      #expect(seen == [tenants[1]])
      let after = try await database.transaction { connection in
        try connection.value("SELECT current_setting('vestibule.tenants', true)", as: String?.self)
      }
      #expect((after ?? "").isEmpty)
      try await database.transaction { try $0.script("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"") }
    }
  }

  @Test func optionsReachTheServer() async throws {
    try await withDatabase({ $0.searchPath = ["a b", "public"] }) { database in
      let shown = try await database.transaction(
        isolation: .serializable, readOnly: true, synchronousCommit: false
      ) { connection in
        try [
          "transaction_isolation", "transaction_read_only", "synchronous_commit", "search_path",
          "statement_timeout", "application_name",
        ].map { try connection.value("SELECT current_setting(\($0))", as: String.self) }
      }
      #expect(shown == ["serializable", "on", "off", "\"a b\",\"public\"", "30s", "postgres-tests"])
    }
  }
}
