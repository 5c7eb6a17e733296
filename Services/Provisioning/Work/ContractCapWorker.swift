import Logging
import Messaging
import ServiceLifecycle

/// Brings the ends of contracts to the assignments of organizations' people, page by page, in any number of copies. It can
/// be stopped at any time and goes on where it was.
struct ContractCapWorker: Service {
  let transactor: Transactor
  let settle: Settlement
  let logger: Logger

  private static let pollInterval = Duration.milliseconds(500)

  func run() async throws {
    let cap = CapAssignments(settle: settle)
    await poll(every: Self.pollInterval, "ends of contracts wait", logger: logger) {
      await transactor.waitForRoom()
      return try await transactor.commit(tenants: []) { work in try cap(work) }
    }
  }
}
