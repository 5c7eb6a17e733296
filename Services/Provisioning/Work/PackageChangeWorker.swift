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
    await poll(every: Self.pollInterval, "changes of packages wait", logger: logger) {
      await transactor.waitForRoom()
      return try await transactor.commit(tenants: []) { work in try change(work) }
    }
  }
}
