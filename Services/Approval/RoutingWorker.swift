import Foundation
import Logging
import Messaging
import ServiceLifecycle

/// Looks, wherever something has changed that may matter, whether anybody can decide what waits. In any number of copies;
/// what was marked and not looked at yet stays marked.
struct RoutingWorker: Service {
  let transactor: Transactor
  let cache: ConfigurationCache
  let logger: Logger

  private static let pollInterval = Duration.seconds(1)
  private static let markLimit = 10_000

  func run() async throws {
    await poll(every: Self.pollInterval, "what waits for nobody is not looked for", logger: logger) {
      try await look()
      return false
    }
  }

  private func look() async throws {
    let marks = try await transactor.read(tenants: []) { connection in
      try RoutingMarkTable(connection: connection).due(at: Date(), limit: Self.markLimit)
    }
    for (tenant, marks) in Dictionary(grouping: marks, by: \.tenant) {
      await transactor.waitForRoom()
      try await transactor.commit(tenants: [tenant]) { [cache] work in
        try RouteApprovals(cache: cache)(tenant, work)
        try RoutingMarkTable(connection: work.connection).remove(marks)
      }
    }
  }
}
