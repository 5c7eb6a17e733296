import Dispatch
import Foundation
import LocalSystem
import Postgres
import TestSupport
import Testing

/// Goal: a server that goes away costs a retry, not a restart. Method: a server of its own, stopped and started.
@Suite struct ReconnectTests {
  private func withServer(_ body: (PostgresServer) async throws -> Void) async throws {
    let directory = try TestDirectory.make()
    let server = try await PostgresServer(directory: directory)
    try await server.start()
    let result: Result<Void, any Error>
    do {
      try await body(server)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await server.stop()
    await TestDirectory.remove(directory)
    try result.get()
  }

  @Test func aRestartIsSurvived() async throws {
    try await withServer { server in
      try await withDatabase(at: server.url, { $0.sessions = 2 }) { database in
        try await database.transaction { try $0.script("CREATE TABLE t (a int8)") }
        try await database.session { try $0.script("SELECT 1") }
        try await server.restart()
        #expect(try await database.transaction { try $0.execute("INSERT INTO t VALUES (\(1))") } == 1)
        try await server.restart()
        #expect(try await database.session { try $0.value("SELECT a FROM t", as: Int.self) } == 1)
      }
    }
  }

  @Test func aServerThatIsStillStartingIsWaitedFor() async throws {
    try await withServer { server in
      try await withDatabase(at: server.url, { $0.attempts = 1_000 }) { database in
        await server.kill()
        async let value = database.session { try $0.value("SELECT 1::int8", as: Int.self) }
        try await server.start()
        #expect(try await value == 1)
      }
    }
  }

  @Test func aDeadServerIsATypedError() async throws {
    try await withServer { server in
      try await withDatabase(at: server.url, { $0.attempts = 2 }) { database in
        try await database.transaction { try $0.script("SELECT 1") }
        await server.kill()
        let error = await #expect(throws: DatabaseError.self) {
          try await database.transaction { try $0.script("SELECT 1") }
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.isRetryable == true)
        #expect(error.map { "\($0)" } == "database error connectionFailed")
        try await server.start()
        #expect(try await database.transaction { try $0.value("SELECT 1::int8", as: Int.self) } == 1)
      }
    }
  }

  @Test func aConnectionLostInTheBodyIsNotRunAgain() async throws {
    try await withDatabase { database in
      let runs = RunCounter()
      let lost = await #expect(throws: DatabaseError.self) {
        try await database.transaction { connection in
          _ = runs.next()
          try connection.script("SELECT pg_terminate_backend(pg_backend_pid())")
        }
      }
      #expect(lost?.code.isConnectionFailure == true)
      #expect(runs.total == 1)
      try await database.transaction { try $0.script("SELECT 1") }
    }
  }

  @Test(arguments: ["postgres://a:hidden@[", "nonsense=hidden", "postgres://a:hid\0den@b/c"])
  func unusableURLsAreRefusedWithoutRepeatingThem(_ url: String) async throws {
    try await withDatabase(at: url, { $0.attempts = 1 }) { database in
      let error = await #expect(throws: DatabaseError.self) { try await database.transaction { _ in } }
      #expect(error?.code == .invalidURL)
      #expect(error?.debugDescription.contains("hid") == false)
    }
    let configuration = DatabaseConfiguration(url: url, applicationName: "x")
    #expect(!"\(configuration) \(String(reflecting: configuration))".contains("hid"))
  }
}
