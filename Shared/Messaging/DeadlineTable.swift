package import EntitlementModel
package import Foundation
package import Postgres

/// When something is to happen to an aggregate by itself.
package struct Deadline: Sendable, Hashable {
  package let aggregate: UUID
  package let kind: String
  package let tenant: UUID
  /// The aggregate's version that armed it.
  package let version: Version
  /// Nil: nothing more will happen; the row stays so that a late older event can not arm it again.
  package var dueAt: Date?
  /// The end that a notice announces, for deadlines with steps.
  package let endsAt: Date?
  /// Who is told by a notice.
  package let recipient: UUID?

  package init(
    aggregate: UUID, kind: String, tenant: UUID, version: Version, dueAt: Date?, endsAt: Date? = nil,
    recipient: UUID? = nil
  ) {
    (self.aggregate, self.kind, self.tenant, self.version) = (aggregate, kind, tenant, version)
    (self.dueAt, self.endsAt, self.recipient) = (dueAt, endsAt, recipient)
  }
}

extension Deadline: RowDecodable {
  package init(_ row: inout Row) throws {
    self.init(
      aggregate: try row.next(), kind: try row.next(), tenant: try row.next(),
      version: Version(epoch: try row.next(), number: try row.next()), dueAt: try row.next(),
      endsAt: try row.next(), recipient: try row.next())
  }
}

/// The deadlines of a service's schema: the same table and the same code in each.
package struct DeadlineTable {
  package let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// Arms, moves or retires: only what a newer version says counts.
  package func arm(_ deadlines: [Deadline]) throws {
    let newest = Dictionary(deadlines.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.aggregate < $1.aggregate }
    guard !newest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO deadline AS d (aggregate, kind, tenant, epoch, version, due_at, ends_at, recipient)
      SELECT * FROM unnest(\(newest.map(\.aggregate)), \(newest.map(\.kind)), \(newest.map(\.tenant)),
        \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)), \(newest.map(\.dueAt)),
        \(newest.map(\.endsAt)), \(newest.map(\.recipient)))
      ON CONFLICT (aggregate) DO UPDATE
      SET kind = excluded.kind, epoch = excluded.epoch, version = excluded.version, due_at = excluded.due_at,
        ends_at = excluded.ends_at, recipient = excluded.recipient
      WHERE (d.epoch, d.version) < (excluded.epoch, excluded.version)
      """)
  }

  /// Forgets those that nothing is due of.
  package func forget(_ aggregates: [UUID], of tenants: [UUID]) throws {
    try connection.execute(
      "DELETE FROM deadline WHERE aggregate = ANY(\(aggregates)) AND tenant = ANY(\(tenants)) AND due_at IS NULL"
    )
  }

  /// Locks what is armed of these aggregates, for a transaction that will arm it anew after it has locked their own
  /// rows: whoever fires takes the same order.
  package func lock(_ aggregates: some Sequence<UUID>) throws {
    try connection.execute(
      "SELECT 1 FROM deadline WHERE aggregate = ANY(\(aggregates.sorted())) ORDER BY aggregate FOR UPDATE")
  }

  /// Forgets the deadlines of aggregates that are gone.
  package func remove(_ aggregates: some Sequence<UUID>) throws {
    try lock(aggregates)
    try connection.execute("DELETE FROM deadline WHERE aggregate = ANY(\(aggregates.sorted()))")
  }

  /// Takes what is due, oldest first; another copy takes other rows.
  func claim(at now: Date, limit: Int) throws -> [Deadline] {
    try connection.rows(
      """
      SELECT aggregate, kind, tenant, epoch, version, due_at, ends_at, recipient FROM deadline
      WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
      """)
  }

  /// Writes what comes after what has fired.
  func advance(_ fired: [Deadline]) throws {
    try connection.execute(
      """
      UPDATE deadline AS d SET due_at = n.due_at
      FROM unnest(\(fired.map(\.aggregate)), \(fired.map(\.dueAt))) AS n (aggregate, due_at)
      WHERE d.aggregate = n.aggregate
      """)
  }
}
