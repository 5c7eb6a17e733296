import Foundation
package import Postgres

/// Which events were folded already. A claim is part of the transaction that folds.
struct InboxTable {
  let connection: Connection

  /// Claims the events and returns those that are new.
  func claim(_ events: some Sequence<UUID>) throws -> Set<UUID> {
    let sorted = Array(Set(events)).sorted { $0 < $1 }
    return Set(
      try connection.values(
        """
        INSERT INTO inbox (event) SELECT event FROM unnest(\(sorted)) AS event ON CONFLICT (event) DO NOTHING
        RETURNING event
        """, as: UUID.self))
  }

  static let retention: TimeInterval = 30 * 86_400
}

/// Keeps the inbox's partitions: makes those of the coming days, drops those that are too old.
package struct InboxUpkeep: Sendable {
  package let database: Database

  package init(database: Database) {
    self.database = database
  }

  package func callAsFunction() async throws {
    try await database.transaction { connection in
      try connection.execute("SELECT keep_inbox((now() AT TIME ZONE 'UTC')::date)")
    }
  }
}
