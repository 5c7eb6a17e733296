import CLibPQ

extension DatabaseError {
  /// What a result says went wrong; a connection that broke on the way is `connectionLost`.
  init(result: OpaquePointer?, connection: OpaquePointer) {
    guard let result, let state = Self.field(CLIBPQ_SQLSTATE, of: result) else {
      self.init(connectionError: connection)
      return
    }
    let subject =
      Self.field(CLIBPQ_CONSTRAINT_NAME, of: result) ?? Self.field(CLIBPQ_COLUMN_NAME, of: result)
    let detail = Self.field(CLIBPQ_MESSAGE_DETAIL, of: result).map { " (\($0))" } ?? ""
    self.init(
      Self.isOutdatedStatement(state, result) ? .statementOutdated : Code(rawValue: state), subject: subject,
      message: (Self.field(CLIBPQ_MESSAGE_PRIMARY, of: result) ?? "") + detail)
  }

  /// What libpq says of the connection itself.
  init(connectionError connection: OpaquePointer, code: Code = .connectionLost) {
    self.init(code, message: PQerrorMessage(connection).map { String(cString: $0) } ?? "")
  }

  /// The statement is gone (26000), or its result's columns have changed (0A000, which the server also uses for other
  /// things; the function that reported it tells them apart in every language).
  private static func isOutdatedStatement(_ state: String, _ result: OpaquePointer) -> Bool {
    switch state {
    case "26000": true
    case "0A000": field(CLIBPQ_SOURCE_FUNCTION, of: result) == "RevalidateCachedQuery"
    default: false
    }
  }

  private static func field(_ code: some BinaryInteger, of result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
  }
}
