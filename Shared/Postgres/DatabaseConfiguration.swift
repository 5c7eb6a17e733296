/// Where the database is and how it may be used.
package struct DatabaseConfiguration: Sendable {
  /// A `postgres://` URL or a libpq connection string; `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and all other
  /// parameters of libpq are taken from it. It holds a password: never print it.
  package var url: String
  /// What `pg_stat_activity` shows.
  package var applicationName: String
  /// Schemas that unqualified names are looked up in, in order; empty leaves the role's own.
  package var searchPath: [String] = []
  /// Connections, made when they are first needed.
  package var sessions = 4
  /// Callers that may wait for a session; one more is refused with `poolExhausted`.
  package var waiters = 1_000
  /// Runs of a transaction before a conflict or a broken connection is handed to the caller.
  package var attempts = 5
  package var connectTimeout = Duration.seconds(5)
  package var statementTimeout = Duration.seconds(30)
  package var lockTimeout = Duration.seconds(10)
  /// How long a transaction may sit between two statements.
  package var idleInTransactionTimeout = Duration.seconds(30)

  package init(url: String, applicationName: String) {
    self.url = url
    self.applicationName = applicationName
  }
}

extension DatabaseConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "database of \(applicationName)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
