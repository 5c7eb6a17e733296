import EntitlementModel
import Foundation

/// What a worker asks of connectors on one visit, stage by stage. Between two stages lies a commit.
enum VisitStage: Sendable {
  /// Accounts first: roles need them.
  case accounts([String: [AccountCommand]])
  /// What is there, before anything is changed: after a lost answer it may be done already.
  case observation([String: [AskedRole]])
  case change([String: [AskedRole]])
  /// Attributes come last: they need accounts, and nothing needs them.
  case attributeObservation([String: [AskedAttribute]])
  case attributeChange([String: [AskedAttribute]])
}

/// What they answered.
enum VisitAnswers: Sendable {
  case accounts([(command: AccountCommand, connector: String, answer: AccountAnswer)])
  case observation([(asked: AskedRole, answer: RoleAnswer)])
  case change([(asked: AskedRole, answer: RoleAnswer)])
  case attributeObservation([(asked: AskedAttribute, answer: AttributeAnswer)])
  case attributeChange([(asked: AskedAttribute, answer: AttributeAnswer)])

  /// What went wrong, by guest.
  var errors: [UUID: ConnectorError] {
    switch self {
    case .accounts(let items): Self.errors(items.map { ($0.command.guest, $0.answer.error) })
    case .observation(let items), .change(let items):
      Self.errors(items.map { ($0.asked.role.guest, $0.answer.error) })
    case .attributeObservation(let items), .attributeChange(let items):
      Self.errors(items.map { ($0.asked.attribute.guest, $0.answer.error) })
    }
  }

  private static func errors(_ items: [(UUID, ConnectorError?)]) -> [UUID: ConnectorError] {
    var errors: [UUID: ConnectorError] = [:]
    for (guest, error) in items {
      guard let error, error.isRetryable else { continue }
      errors[guest] = errors[guest].map { $0.retryAfter > error.retryAfter ? $0 : error } ?? error
    }
    return errors
  }
}

extension Result where Failure == ConnectorError {
  fileprivate var error: ConnectorError? {
    switch self {
    case .success: nil
    case .failure(let error): error
    }
  }
}
