package import AMQP
import EntitlementModel
package import Postgres

/// The numbers that are zero when everything is done: tests and autoscaling wait for them.
package struct Backlog: Sendable, Equatable {
  /// Seconds that the oldest event has waited for the broker's confirm.
  package let oldestOutboxSeconds: Double
  /// Seconds that the oldest due deadline has waited.
  package let oldestDueDeadlineSeconds: Double
  /// Messages that could not be taken.
  package let deadLetters: Int
  /// Messages that wait on the queue.
  package let queued: Int

  package static func read(database: Database) async throws -> (outbox: Double, deadline: Double) {
    try await database.transaction(readOnly: true) { connection in
      let outbox = try connection.value(
        """
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox
        """, as: Double.self)
      let deadline = try connection.value(
        """
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0)::float8 FROM deadline
        WHERE due_at <= clock_timestamp()
        """, as: Double.self)
      return (outbox, deadline)
    }
  }

  /// Seconds that the oldest entry of the audit has waited to be sealed.
  package static func oldestUnsealed(database: Database) async throws -> Double {
    try await database.transaction(readOnly: true) { connection in
      try connection.value(
        """
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM audit_pending
        """, as: Double.self)
    }
  }

  package static func read(
    database: Database, administration: Administration, service: ServiceName
  ) async throws -> Backlog {
    let (outbox, deadline) = try await read(database: database)
    return Backlog(
      oldestOutboxSeconds: outbox, oldestDueDeadlineSeconds: deadline,
      deadLetters: try await administration.status(ofQueue: service.deadLetterQueue).messageCount,
      queued: try await administration.status(ofQueue: service.queue).messageCount)
  }
}
