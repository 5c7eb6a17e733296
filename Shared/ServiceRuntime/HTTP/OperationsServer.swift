import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// For those who run the service, over HTTP: `/healthz` (alive), `/readyz` (503 names what is missing) and
/// `/metrics`.
package struct OperationsServer: Service {
  private let address: ListenAddress
  private let checks: [ReadinessCheck]
  private let metrics: MetricsRegistry
  private let logger: Logger
  private let onStart: @Sendable (Int) async -> Void

  /// - Parameter onStart: is told the port once it listens.
  package init(
    address: ListenAddress, checks: [ReadinessCheck], metrics: MetricsRegistry, logger: Logger,
    onStart: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    (self.address, self.checks, self.metrics) = (address, checks, metrics)
    (self.logger, self.onStart) = (logger, onStart)
  }

  package func run() async throws {
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let onStart = onStart
    let application = Application(
      router: router(),
      configuration: ApplicationConfiguration(address: .hostname(address.host, port: address.port)),
      onServerRunning: { channel in await onStart(channel.localAddress?.port ?? 0) }, logger: quiet)
    try await application.run()
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    let (checks, metrics) = (checks, metrics)
    router.get("/healthz") { _, _ in "ok\n" }
    router.get("/readyz") { _, _ in
      let missing = await Self.missing(of: checks)
      return missing.isEmpty
        ? Self.answer(.ok, "ready\n")
        : Self.answer(.serviceUnavailable, "missing: \(missing.joined(separator: ", "))\n")
    }
    router.get("/metrics") { _, _ in
      Self.answer(.ok, await metrics.render(), type: "text/plain; version=0.0.4; charset=utf-8")
    }
    return router
  }

  private static func missing(of checks: [ReadinessCheck]) async -> [String] {
    await withTaskGroup(of: String?.self) { group in
      for check in checks {
        group.addTask {
          do {
            try await check.check()
            return nil
          } catch {
            return check.name
          }
        }
      }
      return await group.reduce(into: []) { if let name = $1 { $0.append(name) } }.sorted()
    }
  }

  private static func answer(
    _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
