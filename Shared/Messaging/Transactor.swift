import EntitlementModel
package import Foundation
package import Postgres
import AMQP

/// The only door to a service's own rows: one transaction, its events and its part of the audit stored with it, the
/// events published after it.
package final class Transactor: Sendable {
  private let database: Database
  private let outbox: OutboxPublisher
  private let clock: @Sendable () -> Date

  package init(
    database: Database, outbox: OutboxPublisher, clock: @escaping @Sendable () -> Date = { Date() }
  ) {
    (self.database, self.outbox, self.clock) = (database, outbox, clock)
  }

  /// Returns when fewer than two batches of this process are unconfirmed: what consumes waits for it.
  package func waitForRoom() async {
    await outbox.waitForRoom()
  }

  /// Runs `body` in a transaction that may touch these tenants' rows; returns after the commit, when the events
  /// are on their way.
  package func commit<Result: Sendable>(
    tenants: Set<UUID>, _ body: @Sendable (Work) throws -> Result
  ) async throws -> Result {
    let now = Date(microseconds: clock().microseconds)
    let (result, stored) = try await database.transaction(
      settings: [TenantSetting.name: TenantSetting.text(tenants)]
    ) { connection in
      let work = Work(connection: connection, now: now, tenants: tenants)
      let result = try body(work)
      try work.trail.store(at: now, on: connection)
      return (result, try OutboxTable(connection: connection).append(work.events, at: now))
    }
    if let stored { await outbox.publish(stored) }
    return result
  }

  /// Reads, with the same isolation of tenants, and tells nothing.
  package func read<Result: Sendable>(
    tenants: Set<UUID>, _ body: @Sendable (Connection) throws -> Result
  ) async throws -> Result {
    try await database.transaction(
      settings: [TenantSetting.name: TenantSetting.text(tenants)], readOnly: true, body)
  }
}
