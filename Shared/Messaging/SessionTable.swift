import EntitlementModel
package import Foundation
package import Postgres

/// Somebody whose sessions were ended.
package struct EndedSessions: Sendable, Hashable {
  package let tenant: UUID
  package let subject: UUID
  /// Tokens issued before it are refused.
  package let notBefore: Date

  package init(tenant: UUID, subject: UUID, notBefore: Date) {
    (self.tenant, self.subject, self.notBefore) = (tenant, subject, notBefore)
  }
}

/// The rows `session_not_before`, the same in every service: a copy of what request-intake says of people.
package struct SessionTable {
  package let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// The latest instant of each person counts, in whatever order they come.
  package func take(_ ended: [EndedSessions]) throws {
    let latest = Dictionary(ended.map { ($0.subject, $0) }) { $0.notBefore < $1.notBefore ? $1 : $0 }.values
      .sorted { $0.subject < $1.subject }
    guard !latest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO session_not_before AS s (subject, tenant, not_before)
      SELECT * FROM unnest(\(latest.map(\.subject)), \(latest.map(\.tenant)), \(latest.map(\.notBefore)))
      ON CONFLICT (subject, tenant) DO UPDATE SET not_before = excluded.not_before
      WHERE s.not_before < excluded.not_before
      """)
  }

  /// All that can still matter: no token lives so long.
  package func all(since instant: Date) throws -> [EndedSessions] {
    try connection.rows(
      "SELECT tenant, subject, not_before FROM session_not_before WHERE not_before > \(instant)"
    ) { row in
      EndedSessions(tenant: try row.next(), subject: try row.next(), notBefore: try row.next())
    }
  }
}
