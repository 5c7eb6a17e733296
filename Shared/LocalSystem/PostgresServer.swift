package import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A private PostgreSQL server on a loopback port, with its data in `<directory>/postgres`.
///
/// Settings are as durable as shipped (`fsync`, `synchronous_commit`), the port and the superuser's random
/// password stay the same over restarts, and the server dies with this process.
package actor PostgresServer {
  package nonisolated let port: Int
  package nonisolated let directory: URL
  package nonisolated let administrator: PostgresAdministrator
  private let cluster: PostgresCluster
  private let password: String
  private var process: ChildProcess?

  /// Prepares the directory; nothing runs before `start()`.
  package init(directory: URL, port: Int? = nil) async throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let port = try port ?? Loopback.freePort()
    let password = try Secret.kept(in: directory.appending(path: "postgres.password"))
    cluster = try await PostgresCluster(directory: directory)
    administrator = PostgresAdministrator(
      host: "127.0.0.1", port: port, user: "postgres", password: password)
    (self.directory, self.port, self.password) = (directory, port, password)
  }

  /// The superuser's address of the database `postgres`.
  package nonisolated var url: String { administrator.url(database: "postgres") }
  package nonisolated var log: URL { directory.appending(path: "postgres.log") }
  package var pid: Int32? { process?.pid }

  /// Starts the server, on a new or an existing data directory, and waits until it answers.
  package func start(within limit: Duration = .seconds(60)) async throws {
    guard process?.isRunning != true else { return }
    try await cluster.initialize(superuser: administrator.user, password: password)
    try cluster.removeStaleProcessFile()
    let started = try await ChildProcess(
      name: "postgres", program: Program.postgres("postgres"), arguments: arguments, environment: [:],
      log: log, user: cluster.user, deathSignal: "QUIT")
    process = started
    let isReady = try Command(
      Program.postgres("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port), "-d", "postgres"])
    try await started.waitUntilReady(within: limit) { (try? await isReady.run()) != nil }
  }

  /// Fast shutdown: open transactions are rolled back, everything committed is on disk.
  package func stop() async {
    await process?.stop(SIGINT, within: .seconds(30))
    process = nil
  }

  package func restart() async throws {
    await stop()
    try await start()
  }

  /// As a crash ends it: the next start recovers from the write-ahead log.
  package func kill() async {
    await process?.kill()
    process = nil
  }

  /// Deletes all data of the stopped server.
  package func removeData() throws {
    try cluster.remove()
  }

  @discardableResult
  package nonisolated func execute(_ sql: String, database: String = "postgres") async throws -> String {
    try await administrator.execute(sql, database: database)
  }

  private var arguments: [String] {
    let settings = [
      "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "max_connections=1000",
      "shared_buffers=1GB", "jit=off", "max_wal_size=4GB", "wal_compression=on",
      "checkpoint_timeout=15min", "password_encryption=scram-sha-256", "timezone=UTC", "log_timezone=UTC",
    ]
    return ["-D", cluster.data.path] + settings.flatMap { ["-c", $0] }
  }
}
