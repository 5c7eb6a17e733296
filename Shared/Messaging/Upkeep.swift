package import Logging
import ServiceLifecycle

/// Work that a service owes its own tables: at its start, and every hour from then on. A failure is logged, and the
/// next hour tries again.
package struct Upkeep: Service {
  private let name: String
  private let logger: Logger
  private let work: @Sendable () async throws -> Void

  /// - Parameter name: of what is kept, for the log.
  package init(_ name: String, logger: Logger, work: @escaping @Sendable () async throws -> Void) {
    (self.name, self.logger, self.work) = (name, logger, work)
  }

  package func run() async throws {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        try await work()
      } catch {
        logger.error(
          "upkeep waits for the next hour", metadata: ["upkeep": "\(name)", "error": "\(error.loggable)"])
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3_600)) }
    }
  }
}
