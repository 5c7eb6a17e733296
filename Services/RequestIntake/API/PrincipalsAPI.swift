import EntitlementModel
import GRPCCore
import Identity
import Protocols
import ServiceRuntime

/// Tells the other services who a bearer is.
struct PrincipalsAPI: Vestibule_Api_V1_Principals.SimpleServiceProtocol {
  let principals: LocalPrincipals

  func resolve(
    request: Vestibule_Api_V1_ResolveRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_Principal {
    let caller = try Principal.required()
    let isOwn = CallContext.current?.token == request.token
    try Authorization.require(
      caller, .resolvePrincipals, AuthorizationFacts(tenant: caller.tenant, isOwnToken: isOwn))
    return Vestibule_Api_V1_Principal(isOwn ? caller : try await principals.principal(for: request.token))
  }
}
