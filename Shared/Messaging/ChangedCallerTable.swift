package import Foundation
package import Postgres

/// Somebody about whom something was changed.
package struct ChangedCaller: Sendable, Hashable {
  package let tenant: UUID
  package let subject: UUID
  package let at: Date

  package init(tenant: UUID, subject: UUID, at: Date) {
    (self.tenant, self.subject, self.at) = (tenant, subject, at)
  }
}

/// The rows `changed_caller`, the same in every service: request-intake writes them with the change, the others when they
/// hear of it.
package struct ChangedCallerTable {
  package let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// The latest instant of each person counts, in whatever order they come.
  package func take(_ changed: [ChangedCaller]) throws {
    let latest = Dictionary(changed.map { ($0.subject, $0) }) { $0.at < $1.at ? $1 : $0 }.values
      .sorted { $0.subject < $1.subject }
    guard !latest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO changed_caller AS c (subject, tenant, changed_at)
      SELECT * FROM unnest(\(latest.map(\.subject)), \(latest.map(\.tenant)), \(latest.map(\.at)))
      ON CONFLICT (subject, tenant) DO UPDATE SET changed_at = excluded.changed_at
      WHERE c.changed_at < excluded.changed_at
      """)
  }

  package func all(since instant: Date) throws -> [ChangedCaller] {
    try connection.rows(
      "SELECT tenant, subject, changed_at FROM changed_caller WHERE changed_at > \(instant)"
    ) { row in
      ChangedCaller(tenant: try row.next(), subject: try row.next(), at: try row.next())
    }
  }
}
