import EntitlementModel
package import Foundation
package import Postgres

/// Somebody of whom nothing but the id may be kept.
package struct ErasedSubject: Sendable, Hashable {
  package let subject: UUID
  package let tenant: UUID
  /// All requests that were ever made for the person.
  package let requests: [UUID]
  package let erasedAt: Date

  package init(subject: UUID, tenant: UUID, requests: [UUID], erasedAt: Date) {
    (self.subject, self.tenant, self.requests, self.erasedAt) = (subject, tenant, requests, erasedAt)
  }
}

/// The rows `erased_subject`, the same in every service.
package struct ErasedSubjects {
  private let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// Remembers them, and erases the words that the audit has about them.
  package func note(_ erased: [ErasedSubject]) throws {
    let rows = Dictionary(erased.map { ($0.subject, $0) }) { first, _ in first }.values
      .sorted { $0.subject < $1.subject }
    guard !rows.isEmpty else { return }
    let requests = rows.map { "{" + $0.requests.map(\.uuidString).joined(separator: ",") + "}" }
    try connection.execute(
      """
      INSERT INTO erased_subject (subject, tenant, requests, erased_at, next_at)
      SELECT subject, tenant, requests::uuid[], at, at
      FROM unnest(\(rows.map(\.subject)), \(rows.map(\.tenant)), \(requests), \(rows.map(\.erasedAt)))
        AS n (subject, tenant, requests, at)
      ON CONFLICT (subject, tenant) DO NOTHING
      """)
    try eraseWords(about: rows)
  }

  package func eraseWords(about erased: [ErasedSubject]) throws {
    try connection.execute(
      """
      DELETE FROM audit_words w USING unnest(\(erased.map(\.subject)), \(erased.map(\.tenant))) AS e (subject, tenant)
      WHERE w.subject = e.subject AND w.tenant = e.tenant
      """)
  }

  /// Those of them of whom nothing may be stored.
  package func among(_ subjects: some Sequence<UUID>, tenants: some Sequence<UUID>) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT subject FROM erased_subject
        WHERE subject = ANY(\(subjects.sorted())) AND tenant = ANY(\(tenants.sorted()))
        """, as: UUID.self))
  }

  /// Those whose traces are looked for again: a minute after they were erased, when whoever did not know of it has
  /// committed, and then every hour for as long as old events are taken.
  func due(at now: Date, limit: Int) throws -> [ErasedSubject] {
    try connection.rows(
      """
      UPDATE erased_subject e
      SET next_at = CASE
        WHEN e.next_at = e.erased_at THEN \(now + 60)
        WHEN e.erased_at < \(now - Self.latest) THEN NULL
        ELSE \(now + 3_600) END
      WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM erased_subject WHERE next_at <= \(now) ORDER BY next_at LIMIT \(limit) FOR UPDATE SKIP LOCKED))
      RETURNING subject, tenant, requests, erased_at
      """
    ) { row in
      ErasedSubject(
        subject: try row.next(), tenant: try row.next(), requests: try row.next(), erasedAt: try row.next())
    }
  }

  /// Older events are not taken.
  private static let latest: TimeInterval = InboxTable.retention + 86_400
}
