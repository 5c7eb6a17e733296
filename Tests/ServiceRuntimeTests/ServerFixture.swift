import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Identity
import Logging
import Protocols
import Synchronization

@testable import ServiceRuntime

typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

/// Knows people by tokens of their own name.
struct NamedPrincipals: PrincipalSource {
  func principal(for token: String, since instant: Date) async throws -> Principal {
    if token == "expired" { throw IdentityError.tokenExpired }
    if token == "no-keys" { throw IdentityError.keysUnavailable("down") }
    return .named(token)
  }
}

extension Principal {
  static func named(_ name: String) -> Principal {
    Principal(
      tenant: UUID(uuidString: "01890a5d-ac96-774b-bcce-b302099a8057"), subject: nil, organization: nil,
      issuer: "https://issuer.example", externalSubject: name, email: nil, isMember: true, isOperator: false,
      roles: [GrantedRole(role: .catalogOwner, catalog: UUID()), GrantedRole(role: .catalogCreator)],
      expiresAt: Date(timeIntervalSince1970: 4_000_000_000))
  }
}

/// Answers with the caller it was told of, or throws what a test wants.
final class EchoPrincipals: Vestibule_Api_V1_Principals.SimpleServiceProtocol {
  let failure = Mutex<(any Error)?>(nil)
  let calls = Mutex<[CallContext?]>([])

  func resolve(
    request: Vestibule_Api_V1_ResolveRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_Principal {
    calls.withLock { $0.append(CallContext.current) }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return Vestibule_Api_V1_Principal(try Principal.required())
  }
}

/// Runs `body` with a client of a real server on a loopback port.
func withServer(
  _ api: any RegistrableRPCService, logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
  interceptors: [any ServerInterceptor]? = nil, _ body: (Client, Int) async throws -> Void
) async throws {
  guard let address = ListenAddress("127.0.0.1:0") else { return }
  let server = RPCService(
    address: address, files: .none, api: [api],
    interceptors: interceptors
      ?? [ErrorInterceptor(logger: logger), AuthenticationInterceptor(principals: NamedPrincipals())],
    logger: logger)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    let port = try await server.port
    let transport = try HTTP2ClientTransport.Posix(
      target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
    try await withGRPCClient(transport: transport) { client in try await body(client, port) }
    group.cancelAll()
  }
}

func resolve(_ client: Client, token: String?, trace: String? = nil) async throws
  -> Vestibule_Api_V1_Principal
{
  var metadata = Metadata()
  if let token { metadata.addString("Bearer \(token)", forKey: "authorization") }
  if let trace { metadata.addString(trace, forKey: "traceparent") }
  return try await Vestibule_Api_V1_Principals.Client(wrapping: client)
    .resolve(Vestibule_Api_V1_ResolveRequest(), metadata: metadata)
}
