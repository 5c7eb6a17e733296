import EntitlementModel
import Foundation
import Postgres

/// What was told and not yet confirmed by the broker: a transaction a row.
struct OutboxTable {
  let connection: Connection

  struct Stored: Sendable {
    let id: UUID
    let epoch: Int
    let events: [Event]
  }

  /// Stores what a transaction tells, stamped with the schema's epoch; nil when it tells nothing.
  func append(_ events: [Event], at now: Date) throws -> Stored? {
    guard !events.isEmpty else { return nil }
    let id = UUID(at: now, entropy: (.random(in: .min ... .max), .random(in: .min ... .max)))
    let epoch = try connection.value(
      """
      INSERT INTO outbox (id, epoch, events) SELECT \(id), value, \(OutboxRow.encode(events)) FROM epoch
      RETURNING epoch
      """, as: Int.self)
    return Stored(id: id, epoch: epoch, events: events)
  }

  /// Takes the oldest rows that nobody has published in time, for a while. One that this release can not read, for
  /// a newer one wrote it, is left to the newer one.
  func lease(olderThan age: Interval, for duration: Interval, limit: Int) throws -> [Stored] {
    let rows = try connection.rows(
      """
      UPDATE outbox SET leased_until = clock_timestamp() + \(duration)
      WHERE id IN (
        SELECT id FROM outbox WHERE created_at < clock_timestamp() - \(age) AND leased_until < clock_timestamp()
        ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED)
      RETURNING id, epoch, events
      """
    ) { row in
      (id: try row.next(UUID.self), epoch: try row.next(Int.self), events: try row.next([UInt8].self))
    }
    return rows.compactMap { row in
      OutboxRow.decode(row.events).map { Stored(id: row.id, epoch: row.epoch, events: $0) }
    }
  }

  func delete(_ ids: [UUID]) throws {
    try connection.execute("DELETE FROM outbox WHERE id = ANY(\(ids))")
  }
}
