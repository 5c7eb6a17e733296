package import Foundation
import HTTPTypes
import Hummingbird
package import Identity
import Logging
import NIOCore

/// The HTTP side of the development issuer: discovery documents and the key set for every issuer name
/// (`http://127.0.0.1:PORT/contoso`). It exists on a loopback address only.
package actor DevelopmentIssuerServer {
  package nonisolated let issuer: DevelopmentIssuer
  private let host: String
  private let port: Int
  private var running: Task<Void, any Error>?

  /// Reads or makes the key in `directory`; nothing listens before `start()`.
  ///
  /// - Throws: `LocalSystemError.notLoopback` for a host that others could reach.
  package init(directory: URL, host: String = "127.0.0.1", port: Int? = nil) throws {
    guard ["127.0.0.1", "::1"].contains(host) else { throw LocalSystemError.notLoopback(address: host) }
    let port = try port ?? Loopback.freePort()
    var address = URLComponents()
    (address.scheme, address.host, address.port) = ("http", host, port)
    guard let url = address.url else { throw LocalSystemError.notLoopback(address: host) }
    issuer = try DevelopmentIssuer(directory: directory, address: url)
    (self.host, self.port) = (host, port)
  }

  /// The private key of the issuer in `directory`.
  static func keyFile(in directory: URL) -> URL { directory.appending(path: "development-issuer.pem") }

  /// Returns once it listens.
  package func start() async throws {
    guard running == nil else { return }
    let keySet = try Data(contentsOf: URL(filePath: issuer.keySetPath))
    let (listening, signal) = AsyncThrowingStream.makeStream(of: Void.self)
    let application = Application(
      router: Self.router(issuer: issuer, keySet: keySet),
      configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
      onServerRunning: { _ in signal.finish() },
      logger: Logger(label: "development-issuer") { _ in SwiftLogNoOpLogHandler() })
    running = Task {
      do {
        try await application.run()
        signal.finish()
      } catch {
        signal.finish(throwing: error)
        throw error
      }
    }
    for try await _ in listening {}
  }

  package func stop() async {
    running?.cancel()
    _ = await running?.result
    running = nil
  }

  private static func router(issuer: DevelopmentIssuer, keySet: Data) -> Router<BasicRequestContext> {
    let router = Router()
    let keys: @Sendable (Request, BasicRequestContext) -> Response = { _, _ in json(keySet) }
    router.get("/jwks.json", use: keys)
    router.get("/{name}/jwks.json", use: keys)
    router.get("/{name}/.well-known/openid-configuration") { _, context in
      json(try JSONEncoder().encode(Discovery(issuer: issuer.issuer(try context.parameters.require("name")))))
    }
    return router
  }

  private static func json(_ data: Data) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }
}

/// The part of a discovery document that a verifier of tokens reads.
private struct Discovery: Encodable {
  let issuer: String
  let jwks_uri: String
  let id_token_signing_alg_values_supported = ["RS256"]
  let response_types_supported = ["id_token"]
  let subject_types_supported = ["public"]

  init(issuer: String) {
    (self.issuer, jwks_uri) = (issuer, issuer + "/jwks.json")
  }
}
