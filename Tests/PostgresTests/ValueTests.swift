import Foundation
import Postgres
import Testing

/// Goal: what is bound comes back as it was. Method: `SELECT $1` for values at the edges of every type.
@Suite struct ValueTests {
  private func returned<Value: SQLCodable>(_ values: [Value]) async throws -> [Value] {
    try await withDatabase { database in
      try await database.transaction { connection in
        try values.map { try connection.value("SELECT \($0)", as: Value.self) }
      }
    }
  }

  private func expectRoundTrip<Value: SQLValue & Equatable>(_ values: [Value]) async throws {
    #expect(try await returned(values) == values)
    #expect(try await returned([values, []]) == [values, []])
    let optionals: [Value?] = values + [nil]
    #expect(try await returned(optionals) == optionals)
    #expect(try await returned([optionals, [nil]]) == [optionals, [nil]])
    let arrays: [[Value]?] = [values, nil]
    #expect(try await returned(arrays) == arrays)
  }

  @Test func booleans() async throws {
    try await expectRoundTrip([true, false])
  }

  @Test func integers() async throws {
    try await expectRoundTrip([Int.min, -1, 0, 1, Int.max])
    try await expectRoundTrip([Int64.min, 0, Int64.max])
    try await expectRoundTrip([Int32.min, 0, Int32.max])
    try await expectRoundTrip([Int16.min, 0, Int16.max])
  }

  @Test func doubles() async throws {
    try await expectRoundTrip([
      0, -0.0, 1.5, .pi, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity,
    ])
  }

  @Test func texts() async throws {
    try await expectRoundTrip([
      "", "a", "Ünïcödé 👩‍👩‍👧 \u{202E}", "it's \"quoted\" \\ $1", String(repeating: "x", count: 100_000),
    ])
  }

  @Test func bytes() async throws {
    try await expectRoundTrip([[], [0], [0, 0xFF, 0, 1], [UInt8](repeating: 0, count: 100_000)])
  }

  @Test func identifiers() async throws {
    try await expectRoundTrip([UUID(), UUID(), UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))])
  }

  @Test func documents() async throws {
    try await expectRoundTrip([JSONB("{}"), JSONB(#"{"a": [1, null, "é"]}"#)])
  }

  @Test func intervals() async throws {
    try await expectRoundTrip([
      Interval(), Interval(months: -1, days: 31, microseconds: 1), Interval(days: 180),
    ])
  }

  @Test func datesToTheMicrosecond() async throws {
    let dates = [
      Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: -1.5),
      Date(timeIntervalSinceReferenceDate: 817_000_000.123456), .distantFuture,
      Date(timeIntervalSinceReferenceDate: .infinity), Date(timeIntervalSinceReferenceDate: -.infinity),
    ]
    try await expectRoundTrip(dates)
    let text = try await withDatabase { database in
      try await database.transaction { connection in
        try connection.value("SELECT \(Date(timeIntervalSince1970: 1.000001))::text", as: String.self)
      }
    }
    #expect(text == "1970-01-01 00:00:01.000001+00")
  }

  private enum State: String, SQLValue {
    case open
    case closed
  }

  private enum Kind: Int16, SQLValue {
    case small = 1
  }

  @Test func enumerationsBindTheirRawValue() async throws {
    try await expectRoundTrip([State.open, .closed])
    try await expectRoundTrip([Kind.small])
    try await withDatabase { database in
      let unknown = try await code {
        _ = try await database.transaction { try $0.value("SELECT 'gone' AS state", as: State.self) }
      }
      #expect(unknown == .columnMalformed)
    }
  }

  @Test func narrowIntegersWiden() async throws {
    try await withDatabase { database in
      let values = try await database.transaction { connection in
        try connection.rows("SELECT 1::int2, 2::int4, 3::int8, '{4,5}'::int4[]") { row in
          try [row.next(Int.self), row.next(Int.self), row.next(Int.self)] + row.next([Int].self)
        }
      }
      #expect(values == [[1, 2, 3, 4, 5]])
    }
  }

  @Test func unfittingColumnsAreNamed() async throws {
    try await withDatabase { database in
      for (sql, expected) in [
        ("SELECT 1::int4 AS amount", DatabaseError.Code.columnType),
        ("SELECT NULL::text AS amount", .columnNull),
        ("SELECT ARRAY['a', NULL] AS amount", .columnType),
      ] {
        let error = await #expect(throws: DatabaseError.self) {
          _ = try await database.transaction { try $0.value(SQL(unsafe: sql), as: String.self) }
        }
        #expect(error?.code == expected)
        #expect(error?.subject == "amount")
      }
      let null = try await code {
        _ = try await database.transaction { try $0.value("SELECT ARRAY['a', NULL]", as: [String].self) }
      }
      #expect(null == .columnNull)
      let missing = try await code {
        _ = try await database.transaction { connection in
          try connection.rows("SELECT 1") { row in (try row.next(Int.self), try row.next(Int.self)) }.count
        }
      }
      #expect(missing == .columnMissing)
    }
  }

  private struct Person: RowDecodable, Equatable {
    let name: String
    let email: String?
    let ages: [Int32]

    init(_ row: inout Row) throws {
      name = try row.next()
      email = try row.next()
      ages = try row.next()
    }
  }

  @Test func rowsDecodeInSelectOrder() async throws {
    try await withDatabase { database in
      let people = try await database.transaction { connection in
        try connection.rows(
          "SELECT * FROM (VALUES ('a'::text, NULL::text, '{1}'::int4[]), ('b', 'b@x', '{}')) AS p",
          as: Person.self)
      }
      #expect(people.map(\.name) == ["a", "b"])
      #expect(people.map(\.email) == [nil, "b@x"])
      #expect(people.map(\.ages) == [[1], []])
    }
  }
}
