package import Logging
import EntitlementModel
import Foundation
import ServiceLifecycle

/// Fires deadlines in batches, in any number of copies: claim, tell, advance, in one transaction.
package struct DeadlineWorker: Service {
  /// Tells what has fallen due and returns the rows as they are to be afterwards (`dueAt` nil for the last step).
  package typealias Fire = @Sendable ([Deadline], Work) throws -> [Deadline]

  private let transactor: Transactor
  private let logger: Logger
  private let fire: Fire

  private static let batchLimit = 500
  private static let pollInterval = Duration.milliseconds(200)

  package init(transactor: Transactor, logger: Logger, fire: @escaping Fire) {
    (self.transactor, self.logger, self.fire) = (transactor, logger, fire)
  }

  package func run() async throws {
    await poll(every: Self.pollInterval, "deadlines wait", logger: logger) {
      try await fireBatch() == Self.batchLimit
    }
  }

  private func fireBatch() async throws -> Int {
    await transactor.waitForRoom()
    return try await transactor.commit(tenants: []) { [fire] work in
      let table = DeadlineTable(connection: work.connection)
      let due = try table.claim(at: work.now, limit: Self.batchLimit)
      guard !due.isEmpty else { return 0 }
      try work.enter(due.map(\.tenant))
      try table.advance(try fire(due, work))
      return due.count
    }
  }
}
