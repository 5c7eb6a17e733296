/// What went wrong when a target was asked last. Closed words: what targets themselves say may name people, or hold secrets,
/// and is stored nowhere.
package enum TargetError: String, Sendable, CaseIterable {
  /// Nothing was done, and it is tried again.
  case connectorUnavailable
  /// It may or may not have been done, and is looked at.
  case outcomeUnknown
  case resourceMissing, connectorRefused
}

extension Assignment.Failure {
  package init(_ error: TargetError) {
    switch error {
    // Of an unknown outcome nothing more is known than that it has to be tried again.
    case .connectorUnavailable, .outcomeUnknown: self = .connectorUnavailable
    case .resourceMissing: self = .resourceMissing
    case .connectorRefused: self = .connectorRefused
    }
  }
}
