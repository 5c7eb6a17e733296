import EntitlementModel
package import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
package import Identity
import Protocols
import SwiftProtobuf
import ServiceLifecycle
import Synchronization

/// Asks request-intake who a bearer is, in the bearer's own name, and remembers the answer for at most 30
/// seconds.
package final class RemotePrincipals: PrincipalSource, Service {
  private static let memory: TimeInterval = 30

  private let client: GRPCClient<HTTP2ClientTransport.Posix>
  private let known: Mutex<BoundedCache<TokenDigest, RememberedPrincipal>>

  /// - Parameter limit: how many answers are remembered.
  package init(_ peer: PeerAddress, files: TransportFiles, limit: Int = 20_000) throws {
    client = GRPCClient(
      transport: try HTTP2ClientTransport.Posix(
        target: .dns(host: peer.host, port: peer.port), transportSecurity: files.client(of: peer)))
    known = Mutex(BoundedCache(limit: limit))
  }

  /// Keeps the connection to request-intake; without it no call is answered.
  package func run() async throws {
    try await withGracefulShutdownHandler {
      try await client.runConnections()
    } onGracefulShutdown: {
      self.client.beginGracefulShutdown()
    }
  }

  package func principal(for token: String, since instant: Date) async throws -> Principal {
    let (digest, now) = (TokenDigest(token), Date())
    if let known = known.withLock({ $0.value(for: digest, at: now) }), known.at >= instant {
      return known.principal
    }
    let principal = try Principal(try await resolve(token))
    let end = min(principal.expiresAt, now.addingTimeInterval(Self.memory))
    known.withLock { $0.store(RememberedPrincipal(principal, at: now), for: digest, until: end) }
    return principal
  }

  /// Forgets every answer: roles, subjects or issuers have changed.
  package func invalidate() {
    known.withLock { $0.removeAll() }
  }

  private func resolve(_ token: String) async throws -> Vestibule_Api_V1_Principal {
    var options = CallOptions.defaults
    options.timeout = .seconds(5)
    options.waitForReady = true
    do {
      return try await Vestibule_Api_V1_Principals.Client(wrapping: client).resolve(
        .with { $0.token = token }, metadata: ["authorization": "Bearer \(token)"], options: options)
    } catch let error as RPCError where error.code == .unauthenticated {
      // Its reasons only: the metadata of an answer are no trailers of ours.
      throw error.refusal ?? Refusal(.unauthenticated, "The bearer token is not accepted.")
    } catch is RPCError {
      throw IdentityError.keysUnavailable("request-intake does not answer")
    }
  }
}
