import EntitlementModel
import Foundation
import Messaging

/// Forgets answers that have been kept long enough, in small batches.
struct PruneIdempotencyKeys: Sendable {
  let transactor: Transactor
  private static let batch = 1_000

  func callAsFunction() async throws {
    while try await prune() == Self.batch {}
  }

  private func prune() async throws -> Int {
    try await transactor.commit(tenants: []) { work in
      try work.enter(try ConfigurationTable(connection: work.connection).tenants())
      return try IdempotencyTable(connection: work.connection)
        .prune(before: work.now - IdempotencyTable.retention, limit: Self.batch)
    }
  }
}
