import CLibPQ

/// A libpq result, freed with its owner.
struct QueryResult: ~Copyable {
  private let pointer: OpaquePointer

  /// - Throws: what the server says when the result is an error.
  init(_ pointer: OpaquePointer?, connection: OpaquePointer) throws(DatabaseError) {
    guard let pointer else { throw DatabaseError(connectionError: connection) }
    switch PQresultStatus(pointer) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN, PGRES_EMPTY_QUERY:
      self.pointer = pointer
    default:
      let error = DatabaseError(result: pointer, connection: connection)
      PQclear(pointer)
      throw error
    }
  }

  deinit {
    PQclear(pointer)
  }

  var rowCount: Int { Int(PQntuples(pointer)) }

  /// The rows that the statement inserted, changed, deleted or selected; 0 for any other statement.
  var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  var command: String { String(cString: PQcmdStatus(pointer)) }

  func map<T>(_ transform: (inout Row) throws -> T) throws -> [T] {
    let count = rowCount
    var values: [T] = []
    values.reserveCapacity(count)
    var row = Row(result: pointer)
    for _ in 0..<count {
      row.advance()
      values.append(try transform(&row))
    }
    return values
  }

  func first<T>(_ transform: (inout Row) throws -> T) throws -> T? {
    guard rowCount > 0 else { return nil }
    var row = Row(result: pointer)
    row.advance()
    return try transform(&row)
  }
}
