import CLibPQ

/// A type that reads itself from a row, column by column in SELECT order.
package protocol RowDecodable {
  init(_ row: inout Row) throws
}

/// One row being read, left to right. It cannot be copied or kept: its bytes belong to the result.
package struct Row: ~Copyable {
  private let result: OpaquePointer
  private var index: Int32 = -1
  private var column: Int32 = 0

  init(result: OpaquePointer) {
    self.result = result
  }

  mutating func advance() {
    index += 1
    column = 0
  }

  /// The next column.
  ///
  /// - Throws: `DatabaseError` `columnType`, `columnNull`, `columnMalformed` or `columnMissing`, naming the column.
  package mutating func next<Value: SQLCodable>(_: Value.Type = Value.self) throws -> Value {
    guard column < PQnfields(result) else {
      throw DatabaseError(.columnMissing, subject: "column \(column + 1)")
    }
    defer { column += 1 }
    do throws(CellFailure) {
      return try Value.read(cell)
    } catch {
      throw failure(error)
    }
  }

  private var cell: Cell {
    let type = PQftype(result, column)
    guard PQgetisnull(result, index, column) == 0 else { return Cell(bytes: nil, type: type) }
    let length = Int(PQgetlength(result, index, column))
    return Cell(
      bytes: UnsafeRawBufferPointer(start: PQgetvalue(result, index, column), count: length), type: type)
  }

  private func failure(_ failure: CellFailure) -> DatabaseError {
    let name = PQfname(result, column).map { String(cString: $0) }
    return switch failure {
    case .type: DatabaseError(.columnType, subject: name, message: "type \(PQftype(result, column))")
    case .null: DatabaseError(.columnNull, subject: name)
    case .malformed: DatabaseError(.columnMalformed, subject: name)
    }
  }
}
