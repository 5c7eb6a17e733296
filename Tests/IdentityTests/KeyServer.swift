import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A web server of one key set, as an issuer has it.
final class KeyServer: Sendable {
  private struct State {
    var keySet: String
    var isDown = false
    var requests = 0
  }

  private let state: Mutex<State>

  private init(_ keySet: String) {
    state = Mutex(State(keySet: keySet))
  }

  var requests: Int { state.withLock { $0.requests } }

  func publish(_ keySet: String) { state.withLock { $0.keySet = keySet } }
  func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

  /// Runs `body` with the server and its address.
  static func run(_ keySet: String, _ body: @Sendable (KeyServer, String) async throws -> Void) async throws {
    let server = KeyServer(keySet)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let router = Router()
    router.get("/jwks") { _, _ in server.answer() }
    let application = Application(
      router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
      logger: Logger(label: "keys") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await application.run() }
      for await port in ports {
        try await body(server, "http://127.0.0.1:\(port)")
        break
      }
      group.cancelAll()
    }
  }

  private func answer() -> Response {
    let (isDown, text) = state.withLock { state in
      state.requests += 1
      return (state.isDown, state.keySet)
    }
    if isDown { return Response(status: .serviceUnavailable) }
    return Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "public, max-age=300"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
