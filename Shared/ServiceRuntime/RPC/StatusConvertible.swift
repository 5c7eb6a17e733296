package import Contracts
package import EntitlementModel
package import GRPCCore
package import Identity

/// An error that callers may be told about.
package protocol StatusConvertible: Error {
  var status: RPCError.Code { get }
  /// One reason per failed check.
  var refusal: Refusal { get }
}

extension Refusal: StatusConvertible {
  package var refusal: Refusal { self }

  /// That of the first reason.
  package var status: RPCError.Code { reasons.first?.code.status ?? .failedPrecondition }
}

extension Reason.Code {
  var status: RPCError.Code {
    switch self {
    case .notFound: .notFound
    case .forbidden: .permissionDenied
    case .unauthenticated: .unauthenticated
    case .required, .tooLong, .malformed, .unknownField, .unknownReference, .outOfRange, .tooManyItems:
      .invalidArgument
    case .nameTaken, .sourceTaken, .idempotencyConflict, .openRequestExists, .assignmentExists: .alreadyExists
    case .versionConflict: .aborted
    case .overloaded: .resourceExhausted
    case .connectorUnavailable: .unavailable
    // All others are rules of the domain that the present state does not meet.
    default: .failedPrecondition
    }
  }
}

extension IdentityError: StatusConvertible {
  package var status: RPCError.Code { isRetryable ? .unavailable : .unauthenticated }
  package var refusal: Refusal { Refusal(.unauthenticated, message, field: "authorization", hint: code) }
}

extension ContractError: StatusConvertible {
  package var status: RPCError.Code { .invalidArgument }
}
