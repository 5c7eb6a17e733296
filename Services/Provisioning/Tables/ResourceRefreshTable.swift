import EntitlementModel
import Foundation
import Postgres

/// A resource whose origin is to be looked at.
struct ResourceRefresh: Sendable, Hashable {
  let resource: UUID
  let tenant: UUID
  let originSystem: String
  let originID: String
  let askedAt: Date
  var attempts = 0
}

/// The rows `resource_refresh`.
struct ResourceRefreshTable {
  let connection: Connection

  /// Asked again it is due at once.
  func ask(_ refreshes: [ResourceRefresh]) throws {
    let newest = Dictionary(refreshes.map { ($0.resource, $0) }) { _, last in last }.values
      .sorted { $0.resource < $1.resource }
    guard !newest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO resource_refresh (resource, tenant, origin_system, origin_id, asked_at, due_at)
      SELECT *, asked_at FROM unnest(\(newest.map(\.resource)), \(newest.map(\.tenant)), \(newest.map(\.originSystem)),
        \(newest.map(\.originID)), \(newest.map(\.askedAt))) AS n (resource, tenant, origin_system, origin_id, asked_at)
      ON CONFLICT (resource) DO UPDATE
      SET origin_system = excluded.origin_system, origin_id = excluded.origin_id, asked_at = excluded.asked_at,
        attempts = 0, due_at = excluded.due_at
      """)
  }

  /// Takes what is due until then; another copy takes others.
  func lease(until end: Date, at now: Date, limit: Int) throws -> [ResourceRefresh] {
    try connection.rows(
      """
      UPDATE resource_refresh AS r SET due_at = \(end), attempts = r.attempts + 1
      FROM (SELECT resource FROM resource_refresh WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)
        FOR UPDATE SKIP LOCKED) AS n
      WHERE r.resource = n.resource
      RETURNING r.resource, r.tenant, r.origin_system, r.origin_id, r.asked_at, r.attempts
      """)
  }

  /// - Returns: those that were still to be looked at: neither done by another copy nor asked anew.
  func finish(_ done: [ResourceRefresh]) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        DELETE FROM resource_refresh AS r
        USING unnest(\(done.map(\.resource)), \(done.map(\.askedAt))) AS n (resource, asked_at)
        WHERE r.resource = n.resource AND r.asked_at = n.asked_at RETURNING r.resource
        """, as: UUID.self))
  }
}

extension ResourceRefresh: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      resource: try row.next(), tenant: try row.next(), originSystem: try row.next(),
      originID: try row.next(),
      askedAt: try row.next(), attempts: try row.next())
  }
}
