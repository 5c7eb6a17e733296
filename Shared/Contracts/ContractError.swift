package import EntitlementModel

/// A message that says something the model has no value for: which field, and what would be right.
package struct ContractError: Error, Sendable, Hashable {
  package let code: Reason.Code
  /// The field's path in the message, by the names of the contract: `target.subject`, `domains[2]`.
  package let field: String
  /// What would be right.
  package let expected: String

  package init(_ code: Reason.Code, field: String, expected: String) {
    (self.code, self.field, self.expected) = (code, field, expected)
  }

  /// The same error, seen from the message that holds the field's message.
  package func within(_ parent: String) -> ContractError {
    ContractError(code, field: field.isEmpty ? parent : "\(parent).\(field)", expected: expected)
  }

  package var reason: Reason {
    Reason(code, sentence, field: field, hint: expected)
  }

  package var refusal: Refusal { Refusal([reason]) }

  private var sentence: String {
    switch code {
    case .required: "The field \(field) is required."
    case .tooLong: "The field \(field) is too long."
    case .outOfRange: "The field \(field) has a value that is not allowed."
    case .unknownField: "There is no field \(field)."
    default: "The field \(field) is malformed."
    }
  }
}
