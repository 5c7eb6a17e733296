package import GRPCCore
import Identity

/// No call without a principal: every service, every method.
package struct AuthenticationInterceptor: ServerInterceptor {
  private let principals: any PrincipalSource

  package init(principals: any PrincipalSource) {
    self.principals = principals
  }

  @concurrent package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
      StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let token = try Self.token(in: request.metadata)
    let trace = request.metadata[stringValues: TraceParent.key].first { _ in true }.flatMap {
      TraceParent($0)
    }
    let principal = try await principals.principal(for: token)
    let call = CallContext(principal: principal, traceParent: trace, token: token)
    var response = try await CallContext.$current.withValue(call) { try await next(request, context) }
    // A streamed answer is written after the method has returned.
    response.accepted = response.accepted.map { contents in
      var contents = contents
      let produce = contents.producer
      contents.producer = { writer in
        try await CallContext.$current.withValue(call) { try await produce(writer) }
      }
      return contents
    }
    return response
  }

  private static func token(in metadata: Metadata) throws(IdentityError) -> String {
    guard let value = metadata[stringValues: "authorization"].first(where: { _ in true }) else {
      throw .tokenMissing
    }
    let scheme = value.prefix(7)
    guard scheme.lowercased() == "bearer " else { throw .tokenMissing }
    return String(value.dropFirst(7))
  }
}
