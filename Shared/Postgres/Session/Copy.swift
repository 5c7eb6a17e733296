import CLibPQ

/// One row of a binary COPY, column by column. Columns take exactly their own type: an `Int` fits `bigint` alone.
package struct CopyRow: ~Copyable {
  fileprivate var bytes: [UInt8] = []
  private var start = 0
  private var columns: Int16 = 0

  package mutating func append<Value: SQLCodable>(_ value: Value) {
    let start = bytes.count
    bytes.appendBigEndian(Int32(-1))
    columns += 1
    guard value.bind(into: &bytes) else { return }
    bytes.overwrite(at: start, with: Int32(truncatingIfNeeded: bytes.count - start - 4))
  }

  fileprivate mutating func begin() {
    start = bytes.count
    columns = 0
    bytes.appendBigEndian(Int16(0))
  }

  fileprivate mutating func end() {
    bytes[start] = UInt8(truncatingIfNeeded: columns >> 8)
    bytes[start + 1] = UInt8(truncatingIfNeeded: columns)
  }
}

extension Connection {
  private static let copySignature: [UInt8] =
    Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
  private static let copyTrailer: [UInt8] = [0xFF, 0xFF]
  private static let copyChunk = 1 << 16

  /// Inserts rows by COPY in the binary format and gives their number.
  ///
  /// - Parameters:
  ///   - table: a table's name, with its schema in front if needed (`schema.table`).
  ///   - write: appends a row's columns in the order of `columns`. What it throws aborts the COPY.
  @discardableResult
  package func copy<Rows: Sequence>(
    into table: String, columns: [String], rows: Rows,
    _ write: (Rows.Element, inout CopyRow) throws -> Void
  ) throws -> Int {
    let name = try table.split(separator: ".").map { try identifier(String($0)) }.joined(separator: ".")
    let list = try columns.map(identifier).joined(separator: ", ")
    _ = try simple("COPY \(name) (\(list)) FROM STDIN (FORMAT binary)")
    do {
      try send(rows, write)
    } catch {
      _ = try? endCopy(abort: "the client gave up")
      throw error
    }
    return try endCopy(abort: nil)
  }

  private func send<Rows: Sequence>(
    _ rows: Rows, _ write: (Rows.Element, inout CopyRow) throws -> Void
  ) throws {
    var row = CopyRow()
    row.bytes = Self.copySignature
    for element in rows {
      row.begin()
      try write(element, &row)
      row.end()
      if row.bytes.count >= Self.copyChunk {
        try put(row.bytes)
        row.bytes.removeAll(keepingCapacity: true)
      }
    }
    row.bytes += Self.copyTrailer
    try put(row.bytes)
  }

  private func put(_ bytes: [UInt8]) throws(DatabaseError) {
    let sent = bytes.withUnsafeBytes {
      PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
    }
    guard sent == 1 else { throw DatabaseError(connectionError: handle) }
  }

  /// Ends the COPY and reads all that the server still says, so that the connection is ready for the next statement.
  private func endCopy(abort reason: String?) throws(DatabaseError) -> Int {
    guard PQputCopyEnd(handle, reason) == 1 else { throw DatabaseError(connectionError: handle) }
    let result = PQgetResult(handle)
    while let extra = PQgetResult(handle) {
      PQclear(extra)
    }
    return try QueryResult(result, connection: handle).affectedRows
  }
}
