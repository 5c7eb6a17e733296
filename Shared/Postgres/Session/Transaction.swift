import CLibPQ

package enum IsolationLevel: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"
}

/// How a transaction begins.
struct TransactionOptions: Sendable {
  var settings: [String: String]
  var isolation: IsolationLevel
  var readOnly: Bool
  var synchronousCommit: Bool
}

extension Connection {
  /// One round trip: BEGIN and the settings, which end with the transaction.
  func begin(_ options: TransactionOptions) throws {
    var text = "BEGIN ISOLATION LEVEL \(options.isolation.rawValue)\(options.readOnly ? " READ ONLY" : "")"
    if !options.synchronousCommit {
      text += "; SET LOCAL synchronous_commit = off"
    }
    for (name, value) in options.settings.sorted(by: { $0.key < $1.key }) {
      let setting = try name.split(separator: ".").map { try identifier(String($0)) }.joined(separator: ".")
      text += "; SET LOCAL \(setting) = \(try literal(value))"
    }
    try script(text)
  }

  /// - Throws: `commitUnknown` if the connection broke before the answer came.
  func commit() throws(DatabaseError) {
    switch PQtransactionStatus(handle) {
    case PQTRANS_INTRANS:
      break
    case PQTRANS_INERROR:
      throw DatabaseError(.transactionAborted)
    case PQTRANS_IDLE:
      throw DatabaseError(.transactionEnded)
    default:
      throw DatabaseError(connectionError: handle)
    }
    do {
      _ = try simple("COMMIT")
    } catch {
      throw isUsable ? error : DatabaseError(.commitUnknown, message: error.message)
    }
  }

  /// Brings the connection back to where no transaction is open; false if that cannot be done.
  func rollback() -> Bool {
    switch PQtransactionStatus(handle) {
    case PQTRANS_IDLE:
      return isUsable
    case PQTRANS_INTRANS, PQTRANS_INERROR:
      guard (try? script("ROLLBACK")) != nil else { return false }
      return isUsable
    default:
      return false
    }
  }

  var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

  /// Undoes what a body may have left on the session: settings, role, subscriptions, advisory locks.
  func reset() throws {
    try script("SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all()")
  }
}
