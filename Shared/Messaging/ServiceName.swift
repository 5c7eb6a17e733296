/// The services that take part in the exchange of events.
package enum ServiceName: String, Sendable, CaseIterable {
  case requestIntake = "request-intake"
  case approval
  case provisioning
  case expiry

  /// The queue that its copies share.
  package var queue: String { "vestibule.\(rawValue)" }

  /// Where it puts what it could not take, with the reason.
  package var deadLetterQueue: String { "\(queue).dead" }

  /// Its schema in PostgreSQL.
  package var schema: String {
    switch self {
    case .requestIntake: "intake"
    case .approval: "approval"
    case .provisioning: "provisioning"
    case .expiry: "expiry"
    }
  }
}
