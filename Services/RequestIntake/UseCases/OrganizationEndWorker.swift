import Logging
import Messaging
import ServiceLifecycle

/// Brings the ends of organizations to their people, page by page, in any number of copies. It can be stopped at any
/// time and goes on where it was.
struct OrganizationEndWorker: Service {
  let transactor: Transactor
  let store: ConfigurationStore
  let logger: Logger

  private static let pollInterval = Duration.milliseconds(500)

  func run() async throws {
    let end = EndAccessOfOrganizations(store: store)
    await poll(every: Self.pollInterval, "ends of organizations wait", logger: logger) {
      await transactor.waitForRoom()
      return try await transactor.commit(tenants: []) { work in try end(work) }
    }
  }
}
