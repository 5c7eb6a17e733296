/// Whatever goes wrong between a caller and the database.
///
/// `description` names the code and the constraint, column or migration and may go to logs and clients; the server's
/// own words, which can hold values, are in `debugDescription` alone.
package struct DatabaseError: Error {
  package let code: Code
  /// The constraint, column, setting or migration that the error is about.
  package let subject: String?
  /// What the server or libpq said. It can hold values: not for logs or clients.
  package let message: String

  package init(_ code: Code, subject: String? = nil, message: String = "") {
    self.code = code
    self.subject = subject
    self.message = message
  }

  /// The constraint that a row broke.
  package var constraint: String? { code.isConstraintViolation ? subject : nil }

  /// Whether the same work may succeed when done again. `commitUnknown` is not: look first whether it was done.
  package var isRetryable: Bool { code.isRetryable }
}

extension DatabaseError: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String {
    guard let subject else { return "database error \(code)" }
    return "database error \(code) (\(subject))"
  }

  package var debugDescription: String {
    message.isEmpty ? description : "\(description): \(message)"
  }
}
