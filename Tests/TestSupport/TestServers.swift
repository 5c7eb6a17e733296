package import Foundation
package import LocalSystem

/// The servers that all tests of one run share. Each starts when the first test asks for it, and dies with the
/// test process; what it leaves on disk is swept by the next run.
package actor TestServers {
  package static let shared = TestServers()

  private var postgresServer: Task<PostgresServer, any Error>?
  private var rabbitMQServer: Task<RabbitMQServer, any Error>?

  package func postgres() async throws -> PostgresServer {
    if let postgresServer { return try await postgresServer.value }
    let directory = try runDirectory()
    let starting = Task {
      let server = try await PostgresServer(directory: directory)
      try await server.start()
      return server
    }
    postgresServer = starting
    return try await starting.value
  }

  package func rabbitMQ() async throws -> RabbitMQServer {
    if let rabbitMQServer { return try await rabbitMQServer.value }
    let directory = try runDirectory()
    let starting = Task {
      let server = try RabbitMQServer(directory: directory)
      try await server.start()
      return server
    }
    rabbitMQServer = starting
    return try await starting.value
  }

  /// This run's own directory, git-ignored.
  package func runDirectory() throws -> URL { try TestDirectory.ofThisRun() }
}
