package import Logging
import ServiceLifecycle

/// Repeats a step until the service stops: at once while there is more to do, else after a while. What fails is
/// logged and tried again.
///
/// - Parameters:
///   - what: what waits when the step fails, for the log.
///   - step: says whether there may be more to do.
package func poll(
  every interval: Duration, _ what: String, logger: Logger, _ step: () async throws -> Bool
) async {
  while !Task.isCancelled, !Task.isShuttingDownGracefully {
    do {
      if try await step() { continue }
    } catch {
      logger.warning("\(what)", metadata: ["cause": "\(error.loggable)"])
    }
    try? await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
  }
}
