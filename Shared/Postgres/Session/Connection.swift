import CLibPQ

/// One connection, lent to a body that runs on its session's queue.
///
/// It is not `Sendable`, so a body can neither keep it nor await anything while holding it. Every call blocks the
/// session's queue until the server answers, and throws `DatabaseError`.
package final class Connection {
  let handle: OpaquePointer
  let cancelRequest: CancelRequest
  private var statements = StatementCache(capacity: 256)

  init(handle: OpaquePointer) {
    self.handle = handle
    cancelRequest = CancelRequest(connection: handle)
  }

  deinit {
    PQfinish(handle)
  }

  /// Runs a statement and gives the number of rows that it inserted, changed, deleted or selected.
  @discardableResult
  package func execute(_ sql: SQL) throws -> Int {
    try run(sql).affectedRows
  }

  package func rows<T>(_ sql: SQL, _ decode: (inout Row) throws -> T) throws -> [T] {
    try run(sql).map(decode)
  }

  package func rows<T: RowDecodable>(_ sql: SQL, as _: T.Type = T.self) throws -> [T] {
    try run(sql).map(T.init)
  }

  /// The first row, nil if there is none.
  package func row<T>(_ sql: SQL, _ decode: (inout Row) throws -> T) throws -> T? {
    try run(sql).first(decode)
  }

  /// The first row, nil if there is none.
  package func row<T: RowDecodable>(_ sql: SQL, as _: T.Type = T.self) throws -> T? {
    try run(sql).first(T.init)
  }

  /// The first column of every row.
  package func values<Value: SQLCodable>(_ sql: SQL, as _: Value.Type = Value.self) throws -> [Value] {
    try run(sql).map { try $0.next(Value.self) }
  }

  /// The first column of the first row.
  ///
  /// - Throws: `rowMissing` if there is no row.
  package func value<Value: SQLCodable>(_ sql: SQL, as _: Value.Type = Value.self) throws -> Value {
    guard let value = try row(sql, { try $0.next(Value.self) }) else { throw DatabaseError(.rowMissing) }
    return value
  }

  /// Runs several statements, separated by semicolons and without values, in one round trip.
  package func script(_ text: String) throws {
    _ = try simple(text)
  }

  // MARK: - Prepared statements

  private func run(_ sql: SQL) throws(DatabaseError) -> QueryResult {
    let key = StatementCache.Key(text: sql.text, types: sql.parameters.types)
    do throws(DatabaseError) {
      return try executePrepared(key, sql.parameters)
    } catch {
      guard error.code == .statementOutdated else { throw error }
      statements.remove(key)
      // Inside a transaction the error has already failed it: its owner runs the whole again.
      guard PQtransactionStatus(handle) == PQTRANS_IDLE else { throw error }
      return try executePrepared(key, sql.parameters)
    }
  }

  private func executePrepared(
    _ key: StatementCache.Key, _ parameters: Parameters
  ) throws(DatabaseError) -> QueryResult {
    let name = if let name = statements.name(for: key) { name } else { try prepare(key) }
    let result = parameters.withPointers { values, lengths, formats in
      PQexecPrepared(handle, name, Int32(parameters.count), values, lengths, formats, 1)
    }
    return try QueryResult(result, connection: handle)
  }

  private func prepare(_ key: StatementCache.Key) throws(DatabaseError) -> String {
    try checkText(key.text)
    if let evicted = statements.evict() {
      _ = try simple("DEALLOCATE \(evicted)")
    }
    let name = statements.makeName()
    _ = try QueryResult(
      PQprepare(handle, name, key.text, Int32(key.types.count), key.types), connection: handle)
    statements.insert(name, for: key)
    return name
  }

  // MARK: - The simple protocol

  func simple(_ text: String) throws(DatabaseError) -> QueryResult {
    try checkText(text)
    return try QueryResult(PQexec(handle, text), connection: handle)
  }

  /// C would end the text at a zero byte and run what is in front of it.
  private func checkText(_ text: String) throws(DatabaseError) {
    guard !text.utf8.contains(0) else { throw DatabaseError(.invalidText) }
  }

  /// A text as a literal of the simple protocol.
  package func literal(_ text: String) throws -> String {
    try quoted(text, by: PQescapeLiteral)
  }

  /// A name as an identifier.
  package func identifier(_ name: String) throws -> String {
    try quoted(name, by: PQescapeIdentifier)
  }

  private func quoted(
    _ text: String, by quote: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
  ) throws(DatabaseError) -> String {
    try checkText(text)
    guard let quoted = quote(handle, text, text.utf8.count) else {
      throw DatabaseError(connectionError: handle, code: .invalidText)
    }
    defer { PQfreemem(quoted) }
    return String(cString: quoted)
  }
}
