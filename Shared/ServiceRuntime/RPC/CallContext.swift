package import EntitlementModel
package import Identity

/// What belongs to the call that is being answered.
package struct CallContext: Sendable {
  package let principal: Principal
  package let traceParent: TraceParent?
  /// The bearer token, for asking another service in the caller's name. Never to be logged.
  package let token: String

  @TaskLocal package static var current: CallContext?

  package init(principal: Principal, traceParent: TraceParent?, token: String) {
    (self.principal, self.traceParent, self.token) = (principal, traceParent, token)
  }
}

extension Principal {
  /// The caller, while a call is being answered.
  package static var current: Principal? { CallContext.current?.principal }

  /// - Throws: a refusal where no call is being answered.
  package static func required() throws(Refusal) -> Principal {
    guard let principal = current else { throw Refusal(.unauthenticated, "There is no caller.") }
    return principal
  }
}
