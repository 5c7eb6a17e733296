import Foundation
import Postgres

/// A guest that a worker has taken, until its lease ends or somebody else takes it.
struct LeasedGuest: Sendable, Hashable {
  let id: UUID
  let tenant: UUID
  let attempts: Int
  let firstFailedAt: Date?
}

/// The guests of whom something has still to be told to an external connector.
struct GuestWorkTable {
  let connection: Connection

  /// Asks for a visit now. One who is being visited is visited again.
  func enqueue(_ guests: [(id: UUID, tenant: UUID)], at now: Date) throws {
    guard !guests.isEmpty else { return }
    let sorted = guests.sorted { $0.id < $1.id }
    try connection.execute(
      """
      INSERT INTO guest_work (guest, tenant, next_attempt_at)
      SELECT id, tenant, \(now) FROM unnest(\(sorted.map(\.id)), \(sorted.map(\.tenant))) AS n (id, tenant)
      ON CONFLICT (guest) DO UPDATE SET next_attempt_at = excluded.next_attempt_at
      """)
  }

  /// Takes guests whose time has come, for a while; another copy takes others.
  func lease(_ token: UUID, until end: Date, at now: Date, limit: Int) throws -> [LeasedGuest] {
    try connection.rows(
      """
      UPDATE guest_work SET lease = \(token), leased_until = \(end)
      WHERE guest IN (
        SELECT guest FROM guest_work WHERE next_attempt_at <= \(now) AND (lease IS NULL OR leased_until < \(now))
        ORDER BY next_attempt_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
      RETURNING guest, tenant, attempts, first_failed_at
      """
    ) { row in
      LeasedGuest(
        id: try row.next(), tenant: try row.next(), attempts: try row.next(), firstFailedAt: try row.next())
    }
  }

  /// Whose lease is still ours; it is prolonged. The others' answers must not be recorded.
  func hold(_ token: UUID, until end: Date) throws -> Set<UUID> {
    Set(
      try connection.values(
        "UPDATE guest_work SET leased_until = \(end) WHERE lease = \(token) RETURNING guest", as: UUID.self))
  }

  /// Nothing is left to be told.
  func finish(_ guests: [UUID], _ token: UUID) throws {
    guard !guests.isEmpty else { return }
    try connection.execute("DELETE FROM guest_work WHERE guest = ANY(\(guests)) AND lease = \(token)")
  }

  /// Gives guests back, to be visited again later; `attempts` 0 after a success.
  func postpone(_ visits: [Postponed], _ token: UUID) throws {
    guard !visits.isEmpty else { return }
    try connection.execute(
      """
      UPDATE guest_work AS w SET next_attempt_at = n.next, attempts = n.attempts, first_failed_at = n.failed, lease = NULL
      FROM unnest(\(visits.map(\.guest)), \(visits.map(\.nextAttemptAt)), \(visits.map(\.attempts)),
        \(visits.map(\.firstFailedAt))) AS n (guest, next, attempts, failed)
      WHERE w.guest = n.guest AND w.lease = \(token)
      """)
  }

  struct Postponed {
    let guest: UUID
    let nextAttemptAt: Date
    let attempts: Int
    let firstFailedAt: Date?
  }

  /// Seconds that the oldest change has been pending; 0 when there is none.
  func oldestPending() throws -> Double {
    try connection.value(
      "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8 FROM guest_work",
      as: Double.self)
  }
}
