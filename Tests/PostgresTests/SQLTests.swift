import Foundation
import Postgres
import Testing

/// Goal: values never become text, and statements can be put together. Method: run what was composed.
@Suite struct SQLTests {
  @Test func fragmentsAreRenumbered() async throws {
    try await withDatabase { database in
      let many = (1...12).reduce("SELECT 0::bigint" as SQL) { $0 + " + \($1)" }
      let inner: SQL = "\("é"), \(2)"
      let nested: SQL = "SELECT \(1), \(inner), \(3), (\(many))"
      let rows = try await database.transaction { connection in
        try connection.rows(nested) { row in
          "\(try row.next(Int.self)) \(try row.next(String.self)) \(try row.next(Int.self)) "
            + "\(try row.next(Int.self)) \(try row.next(Int.self))"
        }
      }
      #expect(rows == ["1 é 2 3 78"])
    }
  }

  @Test(arguments: ["'; DROP TABLE person; --", "$1", "\\'; SELECT 1", "a\" OR 1=1 --", "%s"])
  func hostileTextStaysData(_ text: String) async throws {
    try await withDatabase { database in
      let found = try await database.transaction(settings: ["vestibule.note": text]) { connection in
        try connection.script("CREATE TABLE person (name text NOT NULL)")
        try connection.execute("INSERT INTO person VALUES (\(text))")
        let setting = try connection.value("SELECT current_setting('vestibule.note')", as: String.self)
        return try connection.values("SELECT name FROM person WHERE name = \(text)", as: String.self) + [
          setting
        ]
      }
      #expect(found == [text, text])
    }
  }

  @Test func hostileNamesStayNames() async throws {
    try await withDatabase { database in
      let refused = try await code {
        try await database.transaction(settings: ["vestibule.a = 1; DROP SCHEMA public CASCADE; --": "x"]) {
          _ in
        }
      }
      #expect(refused != nil)
      let copied = try await code {
        _ = try await database.transaction { connection in
          try connection.copy(into: "t (a) FROM STDIN; --", columns: ["a"], rows: [1]) { $1.append($0) }
        }
      }
      #expect(copied == .undefinedTable)
      let zero = try await code {
        try await database.transaction(settings: ["vestibule.note": "a\0'; DROP SCHEMA public"]) { _ in }
      }
      #expect(zero == .invalidText)
    }
  }

  @Test func cacheMakesRoomAndSurvivesSchemaChanges() async throws {
    try await withDatabase({ $0.sessions = 1 }) { database in
      try await database.session { connection in
        for number in 0..<600 {
          #expect(try connection.value("SELECT \(unsafe: "\(number)")", as: Int.self) == number)
        }
        let kept = try connection.value("SELECT count(*) FROM pg_prepared_statements", as: Int.self)
        #expect(kept <= 256)
        try connection.script("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        #expect(try connection.rows("SELECT * FROM t") { try $0.next(Int.self) } == [1])
        try connection.script("ALTER TABLE t ADD COLUMN b int; DEALLOCATE ALL")
        #expect(try connection.rows("SELECT * FROM t") { try $0.next(Int.self) } == [1])
        try connection.script("ALTER TABLE t ADD COLUMN c int")
        #expect(try connection.rows("SELECT * FROM t") { try $0.next(Int.self) } == [1])
      }
      _ = try await database.transaction { try $0.rows("SELECT * FROM t") { try $0.next(Int.self) } }
      try await database.session { try $0.script("ALTER TABLE t ADD COLUMN d int") }
      let rows = try await database.transaction { try $0.rows("SELECT * FROM t") { try $0.next(Int.self) } }
      #expect(rows == [1])
    }
  }
}
