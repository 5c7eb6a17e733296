extension DatabaseError {
  /// A SQLSTATE, or a word for what the client found itself.
  package struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    private init(_ rawValue: String) {
      self.rawValue = rawValue
    }

    package var description: String { rawValue }

    // Found by the server.
    package static let notNullViolation = Code("23502")
    package static let foreignKeyViolation = Code("23503")
    package static let uniqueViolation = Code("23505")
    package static let checkViolation = Code("23514")
    package static let exclusionViolation = Code("23P01")
    package static let serializationFailure = Code("40001")
    package static let deadlockDetected = Code("40P01")
    package static let insufficientPrivilege = Code("42501")
    package static let syntaxError = Code("42601")
    package static let undefinedTable = Code("42P01")
    package static let undefinedColumn = Code("42703")
    package static let invalidSchemaName = Code("3F000")
    package static let readOnlyTransaction = Code("25006")
    package static let lockNotAvailable = Code("55P03")
    package static let tooManyConnections = Code("53300")
    /// A statement that ran past `statement_timeout`, or was cancelled.
    package static let queryCanceled = Code("57014")
    package static let adminShutdown = Code("57P01")
    package static let crashShutdown = Code("57P02")
    package static let cannotConnectNow = Code("57P03")

    // Found by the client.
    /// No connection could be made.
    package static let connectionFailed = Code("connectionFailed")
    /// The connection broke; nothing was committed.
    package static let connectionLost = Code("connectionLost")
    /// The connection broke during COMMIT: the work may or may not be done.
    package static let commitUnknown = Code("commitUnknown")
    /// More callers are waiting for a session than the configuration allows.
    package static let poolExhausted = Code("poolExhausted")
    /// The database was closed.
    package static let closed = Code("closed")
    /// A prepared statement no longer fits the schema; it was dropped and will be prepared anew.
    package static let statementOutdated = Code("statementOutdated")
    /// The body swallowed an error: the transaction can only be rolled back.
    package static let transactionAborted = Code("transactionAborted")
    /// The body itself ended the transaction.
    package static let transactionEnded = Code("transactionEnded")
    /// A body outside a transaction began one and left it open.
    package static let transactionOpen = Code("transactionOpen")
    /// A text that cannot be sent: it holds a zero byte.
    package static let invalidText = Code("invalidText")
    package static let invalidURL = Code("invalidURL")
    /// A column is of another type than asked for.
    package static let columnType = Code("columnType")
    /// A column is NULL and was not asked for as an optional.
    package static let columnNull = Code("columnNull")
    /// A column's value is none that the type asked for can have.
    package static let columnMalformed = Code("columnMalformed")
    /// More columns were asked for than were selected.
    package static let columnMissing = Code("columnMissing")
    /// One row was needed and there was none.
    package static let rowMissing = Code("rowMissing")
    /// The database has fewer migrations than the binary needs.
    package static let schemaBehind = Code("schemaBehind")
    /// The database has a migration that the binary does not know and that is not marked compatible.
    package static let schemaAhead = Code("schemaAhead")
    /// An applied migration is not what the binary holds at its place.
    package static let migrationChanged = Code("migrationChanged")
  }
}

extension DatabaseError.Code {
  /// Whether the connection is of no use any more, or never came about.
  package var isConnectionFailure: Bool {
    switch self {
    case .connectionFailed, .connectionLost, .commitUnknown: true
    case .adminShutdown, .crashShutdown, .cannotConnectNow: true
    default: rawValue.count == 5 && rawValue.hasPrefix("08")
    }
  }

  var isConstraintViolation: Bool { rawValue.count == 5 && rawValue.hasPrefix("23") }

  /// Whether a transaction that failed so may be run again from its start.
  var isTransactionConflict: Bool {
    self == .serializationFailure || self == .deadlockDetected || self == .statementOutdated
  }

  var isRetryable: Bool {
    if self == .commitUnknown { return false }
    if isTransactionConflict || isConnectionFailure { return true }
    return self == .lockNotAvailable || self == .tooManyConnections || self == .poolExhausted
  }
}
