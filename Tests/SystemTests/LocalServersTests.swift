import Foundation
import LocalSystem
import TestSupport
import Testing

@Suite("Private servers of one machine")
struct LocalServersTests {
  @Test("PostgreSQL keeps what was committed over a stop, a crash and another server on its directory")
  func postgresKeepsData() async throws {
    let directory = try TestDirectory.make()
    let server = try await PostgresServer(directory: directory)
    try await server.start()
    try await server.execute("CREATE TABLE kept (number int); INSERT INTO kept VALUES (1)")
    try await server.restart()
    try await server.execute("INSERT INTO kept VALUES (2)")
    await server.kill()
    try await server.start()
    #expect(try await server.execute("SELECT sum(number) FROM kept") == "3\n")
    await server.stop()

    let successor = try await PostgresServer(directory: directory)
    try await successor.start()
    #expect(try await successor.execute("SELECT count(*) FROM kept") == "2\n")
    await successor.stop()
    await TestDirectory.remove(directory)
  }

  @Test("PostgreSQL is durable, and nobody enters without the password")
  func postgresIsStrict() async throws {
    let server = try await TestServers.shared.postgres()
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
      #expect(try await server.execute("SHOW \(setting)") == "on\n")
    }
    let stranger = PostgresAdministrator(
      host: "127.0.0.1", port: server.port, user: "postgres", password: "guess")
    await #expect(throws: LocalSystemError.self) { try await stranger.execute("SELECT 1") }
  }

  @Test("A process file whose number belongs to somebody else does not keep PostgreSQL from starting")
  func postgresSurvivesReusedProcessNumber() async throws {
    let directory = try TestDirectory.make()
    let server = try await PostgresServer(directory: directory)
    try await server.start()
    let shown = try await server.execute("SHOW data_directory")
    let data = URL(filePath: shown.trimmingCharacters(in: .newlines))
    await server.kill()
    let own = ProcessInfo.processInfo.processIdentifier
    try "\(own)\n".write(to: data.appending(path: "postmaster.pid"), atomically: true, encoding: .utf8)
    try await server.start()
    await server.stop()
    await TestDirectory.remove(directory)
  }

  @Test("RabbitMQ keeps users and virtual hosts over a stop, a crash and another port")
  func rabbitMQKeepsData() async throws {
    let directory = try TestDirectory.make()
    let server = try RabbitMQServer(directory: directory)
    try await server.start()
    try await server.addVirtualHost("kept")
    try await server.setUser("reader", password: "secret", virtualHost: "kept")
    await server.kill()
    try await server.start()
    try await server.setUser("reader", password: "other", virtualHost: "kept")
    await server.stop()

    let successor = try RabbitMQServer(directory: directory)
    try await successor.start()
    try await successor.setUser("reader", password: "third", virtualHost: "kept")
    await #expect(throws: LocalSystemError.self) {
      try await successor.setUser("reader", password: "third", virtualHost: "missing")
    }
    await successor.stop()
    await TestDirectory.remove(directory)
  }

  @Test("Every test gets a database of its own, and a template is migrated once")
  func databasesAreApart() async throws {
    let migrate: @Sendable (String) async throws -> Void = { url in
      let administrator = try #require(PostgresAdministrator(url: url))
      let name = try #require(URLComponents(string: url)).path.dropFirst()
      try await administrator.execute("CREATE TABLE own (name text)", database: String(name))
    }
    let names = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 1...6 {
        group.addTask {
          let database = try await TestDatabase.make(template: "local-servers", migrate: migrate)
          try await database.execute("INSERT INTO own VALUES ('\(number)')")
          #expect(try await database.execute("SELECT name FROM own") == "\(number)\n")
          try await database.drop()
          return database.name
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(names.count == 6)
  }

  @Test("Every test gets a virtual host of its own")
  func virtualHostsAreApart() async throws {
    async let one = TestVirtualHost.make()
    async let other = TestVirtualHost.make()
    let (first, second) = try await (one, other)
    #expect(first.url != second.url)
    try await first.remove()
    try await second.remove()
  }

  @Test("Two systems cannot use one directory")
  func directoryIsLocked() throws {
    let directory = try TestDirectory.make()
    defer { try? FileManager.default.removeItem(at: directory) }
    let lock = try DirectoryLock(directory)
    #expect(throws: LocalSystemError.directoryInUse(path: directory.path)) { try DirectoryLock(directory) }
    withExtendedLifetime(lock) {}
  }
}
