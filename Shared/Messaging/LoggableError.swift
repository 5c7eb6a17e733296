import AMQP
import Contracts
import EntitlementModel
import Postgres

extension Error {
  /// What a log, or the reason of a dead letter, says of it. Our own errors name codes, fields and constraints; of any other
  /// only the type is told, because its words may hold whatever was being read: names, addresses, secrets.
  package var loggable: String {
    switch self {
    case let error as DatabaseError: error.description
    case let error as AMQPError: error.description
    case let error as PublishFailure: error.description
    case let error as ContractError: error.refusal.loggable
    case let error as Refusal:
      error.reasons.map { $0.field.isEmpty ? $0.code.rawValue : "\($0.code.rawValue) \($0.field)" }
        .joined(separator: ", ")
    default: "\(type(of: self))"
    }
  }
}
