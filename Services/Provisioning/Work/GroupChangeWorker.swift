import Logging
import Messaging
import ServiceLifecycle

/// Tells changes of named groups soon after they were made, in any number of copies.
struct GroupChangeWorker: Service {
  let transactor: Transactor
  let logger: Logger

  private static let pollInterval = Duration.milliseconds(300)

  func run() async throws {
    let tell = TellGroupChanges()
    await poll(every: Self.pollInterval, "changes of groups wait", logger: logger) {
      await transactor.waitForRoom()
      return try await transactor.commit(tenants: []) { work in try tell(work) }
    }
  }
}
