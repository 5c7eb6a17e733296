import Logging
import Messaging
import ServiceLifecycle

/// Brings changed packages to their holders, page by page, in any number of copies. It can be stopped at any time and
/// goes on where it was.
struct PackageChangeWorker: Service {
  let transactor: Transactor
  let settle: Settlement
  let logger: Logger

  private static let pollInterval = Duration.milliseconds(500)

  func run() async throws {
    let change = ChangePackages(settle: settle)
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        await transactor.waitForRoom()
        if try await transactor.commit(tenants: [], { work in try change(work) }) { continue }
      } catch {
        logger.warning("changes of packages wait", metadata: ["cause": "\(error)"])
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pollInterval) }
    }
  }
}
