import Foundation
package import LocalSystem

/// A database for one test, copied from a template that is migrated once a run.
package struct TestDatabase: Sendable {
  package let name: String
  /// The superuser's address; `postgres://user:password@host:port/name`.
  package let url: String
  package let administrator: PostgresAdministrator

  /// - Parameters:
  ///   - template: names the schema that `migrate` makes; the same name must always mean the same schema.
  ///   - migrate: fills the empty template, given its address, and closes its connections.
  package static func make(
    template: String = "empty", migrate: @escaping @Sendable (_ url: String) async throws -> Void = { _ in }
  ) async throws -> TestDatabase {
    let administrator = try await TestDatabaseServer.administrator()
    let source = try await TestTemplates.shared.template(template, on: administrator, migrate: migrate)
    let name = "vestibule_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
    try await administrator.execute("CREATE DATABASE \(name) TEMPLATE \(source)")
    return TestDatabase(
      name: name, url: administrator.url(database: name), administrator: administrator)
  }

  /// Runs SQL in this database as the superuser; rows come one a line, columns separated by `|`.
  @discardableResult
  package func execute(_ sql: String) async throws -> String {
    try await administrator.execute(sql, database: name)
  }

  /// Drops it, whoever is still connected. Databases of the run's own server need no dropping.
  package func drop() async throws {
    try await administrator.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }
}

/// The server that tests use: the one that `VESTIBULE_TEST_DATABASE_URL` names (as a superuser), else the run's.
enum TestDatabaseServer {
  static func administrator() async throws -> PostgresAdministrator {
    let variable = "VESTIBULE_TEST_DATABASE_URL"
    guard let url = ProcessInfo.processInfo.environment[variable] else {
      return try await TestServers.shared.postgres().administrator
    }
    guard let administrator = PostgresAdministrator(url: url) else {
      throw LocalSystemError.unusableURL(variable: variable)
    }
    return administrator
  }
}

/// Makes each template once, however many tests ask for it at the same time.
private actor TestTemplates {
  static let shared = TestTemplates()
  private var templates: [String: Task<String, any Error>] = [:]

  func template(
    _ key: String, on administrator: PostgresAdministrator,
    migrate: @escaping @Sendable (String) async throws -> Void
  ) async throws -> String {
    if let making = templates[key] { return try await making.value }
    let name = "vestibule_template_" + UUID().uuidString.lowercased().replacing("-", with: "")
    let making = Task {
      try await administrator.execute("CREATE DATABASE \(name)")
      try await migrate(administrator.url(database: name))
      try await administrator.execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
      return name
    }
    templates[key] = making
    return try await making.value
  }
}
