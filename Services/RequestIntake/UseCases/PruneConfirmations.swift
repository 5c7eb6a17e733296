import EntitlementModel
import Foundation
import Messaging

/// Forgets confirmations that were decided long ago, in small batches.
struct PruneConfirmations: Sendable {
  let transactor: Transactor
  private static let batch = 1_000

  func callAsFunction() async throws {
    while try await prune() == Self.batch {}
  }

  private func prune() async throws -> Int {
    try await transactor.commit(tenants: []) { work in
      try work.enter(try ConfigurationTable(connection: work.connection).tenants())
      return try ConfirmationTable(connection: work.connection)
        .prune(before: work.now - PendingConfirmation.retention, limit: Self.batch)
    }
  }
}
