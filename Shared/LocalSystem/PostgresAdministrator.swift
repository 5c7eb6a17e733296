import Foundation

/// Runs SQL as a superuser through `psql`: roles, databases and what else comes before any of our own code.
package struct PostgresAdministrator: Sendable {
  package let host: String
  package let port: Int
  package let user: String
  let password: String

  package init(host: String, port: Int, user: String, password: String) {
    (self.host, self.port, self.user, self.password) = (host, port, user, password)
  }

  /// - Parameter url: `postgres://user:password@host:port/…`; nil when it names no host.
  package init?(url: String) {
    guard let parts = URLComponents(string: url), let host = parts.host else { return nil }
    self.init(
      host: host, port: parts.port ?? 5432, user: parts.user ?? "postgres", password: parts.password ?? "")
  }

  /// Where a client connects to `database`, as this superuser unless another role is given.
  package func url(database: String, user: String? = nil, password: String? = nil) -> String {
    var parts = URLComponents()
    (parts.scheme, parts.host, parts.port, parts.path) = ("postgres", host, port, "/" + database)
    (parts.user, parts.password) = (user ?? self.user, password ?? self.password)
    return parts.string ?? ""
  }

  /// Runs `sql`, statement by statement, and stops at the first that fails.
  ///
  /// The text goes through standard input and the password through the environment: neither can be read in
  /// the list of processes.
  /// - Returns: the rows, one a line, columns separated by `|`.
  @discardableResult
  package func execute(_ sql: String, database: String = "postgres") async throws -> String {
    let options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"]
    let target = ["-h", host, "-p", String(port), "-U", user, "-d", database]
    let psql = try Program.find("psql", package: "postgresql-client")
    return try await Command(psql, options + target, environment: ["PGPASSWORD": password], input: sql).run()
  }
}
