import EntitlementModel
import Foundation
import Postgres

/// Whether a request waits for approval or for its start, as its newest event says.
struct OpenRequest {
  let request, tenant, subject: UUID
  let version: Version
  let isOpen: Bool
  /// Granted, and waits for its start alone.
  var isScheduled = false
}

/// Requests that wait: they postpone block and deletion of their guest, and once they are granted cancel the deletion.
struct OpenRequestTable {
  let connection: Connection

  func take(_ requests: [OpenRequest]) throws {
    let newest = Dictionary(requests.map { ($0.request, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.request < $1.request }
    guard !newest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO open_request AS o (tenant, request, subject, epoch, version, is_open, is_scheduled)
      SELECT * FROM unnest(\(newest.map(\.tenant)), \(newest.map(\.request)), \(newest.map(\.subject)),
        \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)), \(newest.map(\.isOpen)),
        \(newest.map(\.isScheduled)))
      ON CONFLICT (tenant, request) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, is_open = excluded.is_open,
        is_scheduled = excluded.is_scheduled
      WHERE (o.epoch, o.version) < (excluded.epoch, excluded.version)
      """)
  }

  /// Forgets requests whose assignment exists: that alone says that they are no longer open.
  func forget(_ requests: [UUID], of tenants: [UUID]) throws {
    guard !requests.isEmpty else { return }
    try connection.execute(
      "DELETE FROM open_request WHERE (tenant = ANY(\(tenants))) IS TRUE AND request = ANY(\(requests))")
  }

  /// Which of these people wait for a decision or a start. A request that has become an assignment is not open, in
  /// whatever order its events came.
  func waiting(_ subjects: Set<UUID>, of tenants: [UUID]) throws -> Set<UUID> {
    try find(subjects, of: tenants, where: "")
  }

  /// Which of these people wait for nothing but a start.
  func scheduled(_ subjects: Set<UUID>, of tenants: [UUID]) throws -> Set<UUID> {
    try find(subjects, of: tenants, where: " AND is_scheduled")
  }

  private func find(_ subjects: Set<UUID>, of tenants: [UUID], where condition: SQL) throws -> Set<UUID> {
    guard !subjects.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT subject FROM open_request o
        WHERE (tenant = ANY(\(tenants))) IS TRUE AND subject = ANY(\(subjects.sorted())) AND is_open
          AND NOT EXISTS (SELECT FROM assignment a WHERE a.tenant = o.tenant AND a.id = o.request)\(condition)
        """, as: UUID.self))
  }
}
