import Foundation
import Postgres
import Testing

private struct Refusal: Error {}

/// Goal: COPY takes rows of every type, and leaves nothing when it is given up.
@Suite struct CopyTests {
  private static let table = """
    CREATE SCHEMA shop; CREATE TABLE shop.item (id uuid, n bigint, note text, tags text[], at timestamptz)
    """

  @Test func rowsArrive() async throws {
    try await withDatabase { database in
      let now = Date(timeIntervalSinceReferenceDate: 817_000_000)
      let ids = (0..<20_000).map { _ in UUID() }
      let copied = try await database.transaction { connection in
        try connection.script(Self.table)
        return try connection.copy(
          into: "shop.item", columns: ["id", "n", "note", "tags", "at"], rows: ids.enumerated()
        ) { item, row in
          row.append(item.element)
          row.append(item.offset)
          row.append(item.offset.isMultiple(of: 2) ? "é\t\n\\" : nil)
          row.append(["a", nil])
          row.append(now)
        }
      }
      #expect(copied == ids.count)
      let (stored, notes) = try await database.transaction { connection in
        (
          try connection.values("SELECT id FROM shop.item ORDER BY n", as: UUID.self),
          try connection.value(
            "SELECT count(*) FROM shop.item WHERE note = \("é\t\n\\") AND at = \(now)", as: Int.self)
        )
      }
      #expect(stored == ids)
      #expect(notes == ids.count / 2)
    }
  }

  @Test func noRowsAreFine() async throws {
    try await withDatabase { database in
      let copied = try await database.transaction { connection in
        try connection.script(Self.table)
        return try connection.copy(into: "shop.item", columns: ["n"], rows: [Int]()) { $1.append($0) }
      }
      #expect(copied == 0)
    }
  }

  @Test func throwingAbortsAndTheSessionGoesOn() async throws {
    try await withDatabase({ $0.sessions = 1 }) { database in
      try await database.transaction { try $0.script(Self.table) }
      await #expect(throws: Refusal.self) {
        try await database.transaction { connection in
          _ = try connection.copy(into: "shop.item", columns: ["n"], rows: 0..<50_000) { number, row in
            guard number < 40_000 else { throw Refusal() }
            row.append(number)
          }
        }
      }
      let left = try await database.transaction {
        try $0.value("SELECT count(*) FROM shop.item", as: Int.self)
      }
      #expect(left == 0)
    }
  }

  @Test func wrongColumnsAreRefused() async throws {
    try await withDatabase { database in
      try await database.transaction { try $0.script(Self.table) }
      let refused = try await code {
        _ = try await database.transaction { connection in
          try connection.copy(into: "shop.item", columns: ["n"], rows: [1]) { number, row in
            row.append(number)
            row.append(number)
          }
        }
      }
      #expect(refused == DatabaseError.Code(rawValue: "22P04"))
    }
  }
}
