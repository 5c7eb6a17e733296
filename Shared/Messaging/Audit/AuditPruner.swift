import EntitlementModel
import Foundation
package import Logging
import ServiceLifecycle

/// Shortens chains at their beginning, some rows at a time. Where what is kept begins is part of the head, and recorded in
/// the chain itself: nobody shortens one unseen.
package struct AuditPruner: Service {
  private let transactor: Transactor
  private let logger: Logger

  private static let rowsPerBatch = 1_000
  private static let pollInterval = Duration.seconds(5)

  package init(transactor: Transactor, logger: Logger) {
    (self.transactor, self.logger) = (transactor, logger)
  }

  package func run() async throws {
    await poll(every: Self.pollInterval, "old entries of the audit wait", logger: logger) {
      try await prune()
    }
  }

  /// - Returns: whether there may be more to do.
  package func prune() async throws -> Bool {
    try await transactor.commit(tenants: []) { work in
      let retention = AuditRetention(connection: work.connection)
      guard let (tenant, before) = try retention.claim() else { return false }
      try work.enter([tenant])
      let table = AuditTable(connection: work.connection)
      guard let head = try table.lockHeads([tenant])[tenant] else { return true }
      let page = try table.beginning(of: tenant, after: head.prunedPosition, limit: Self.rowsPerBatch)
      let old = page.prefix { $0.at < before }
      if let last = old.last {
        try table.prune(tenant, through: last)
        work.record(
          .auditPruned, of: tenant, tenant: tenant, by: .system,
          details: AuditDetails(["position": "\(last.position)", "hash": AuditHash.text(last.hash)]))
      }
      if old.count < Self.rowsPerBatch { try retention.settle(tenant) }
      return true
    }
  }
}
