package import Foundation
package import Identity
package import Messaging

/// The whole of Vestibule on one machine: a PostgreSQL server, a RabbitMQ node, the development issuer and all
/// services, on loopback addresses, with everything that is kept in one directory.
package actor LocalSystem {
  package nonisolated let options: Options
  package nonisolated let postgres: PostgresServer
  package nonisolated let rabbitMQ: RabbitMQServer
  package nonisolated let issuerServer: DevelopmentIssuerServer
  /// All copies of all services, request intake first: the others call it.
  package nonisolated let services: [ServiceProcess]
  private let credentials: [ServiceCredentials]
  private let lock: DirectoryLock

  /// Takes the directory and prepares it; nothing runs before `start`.
  ///
  /// - Throws: `LocalSystemError.directoryInUse` when another system runs in it.
  package init(_ options: Options) async throws {
    let directory = options.directory
    lock = try DirectoryLock(directory)
    let secrets = directory.appending(path: "secrets")
    let logs = directory.appending(path: "logs")
    for folder in [secrets, logs] {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    postgres = try await PostgresServer(directory: directory, port: options.ports.postgres)
    rabbitMQ = try RabbitMQServer(directory: directory, port: options.ports.rabbitMQ)
    issuerServer = try DevelopmentIssuerServer(directory: directory, port: options.ports.issuer)
    credentials = try ServiceName.allCases.map { try ServiceCredentials($0, directory: secrets) }
    services = try ServiceEnvironment(
      options: options, postgres: postgres, rabbitMQ: rabbitMQ, issuer: issuerServer.issuer
    ).processes(credentials, logs: logs)
    self.options = options
  }

  package nonisolated var issuer: DevelopmentIssuer { issuerServer.issuer }
  /// The broker administrator's address.
  package nonisolated var amqpURL: String { rabbitMQ.url() }
  /// A superuser's address of the services' database, for inspection.
  package nonisolated var databaseURL: String {
    postgres.administrator.url(database: DatabaseRoles.database)
  }
  /// The file with the system's addresses, while it runs.
  package nonisolated var environmentFile: URL { options.directory.appending(path: "environment") }

  /// The copies of one service; the first is the one whose address the others know.
  package nonisolated func copies(of service: ServiceName) -> [ServiceProcess] {
    services.filter { $0.service == service }
  }

  /// Starts servers, migrates all schemas, declares the topology, starts all services and waits until every one
  /// is ready. When anything fails, what has been started is stopped again.
  ///
  /// - Parameter declareTopology: declares exchanges, queues and bindings at the administrator's address.
  package func start(declareTopology: @Sendable (_ amqpURL: String) async throws -> Void) async throws {
    do {
      try await startServers()
      try await migrate()
      try await declareTopology(amqpURL)
      for service in services { try await service.start() }
      for service in services { try await service.waitUntilReady() }
      try await writeEnvironment()
    } catch {
      await stop()
      throw error
    }
  }

  /// Stops services, then servers.
  package func stop() async {
    try? FileManager.default.removeItem(at: environmentFile)
    await withTaskGroup(of: Void.self) { group in
      for service in services { group.addTask { await service.terminate() } }
    }
    await issuerServer.stop()
    await rabbitMQ.stop()
    await postgres.stop()
  }

  /// The process of every part that runs, by name.
  package func processes() async -> [(name: String, pid: Int32)] {
    var found: [(String, Int32)] = []
    if let pid = await postgres.pid { found.append(("postgres", pid)) }
    if let pid = await rabbitMQ.pid { found.append(("rabbitmq", pid)) }
    for service in services {
      if let pid = await service.pid { found.append((service.name, pid)) }
    }
    return found
  }

  private func startServers() async throws {
    async let database: Void = startDatabase()
    async let broker: Void = startBroker()
    try await issuerServer.start()
    try IssuersDocument.write(issuer, to: options.directory)
    _ = try await (database, broker)
  }

  private func startDatabase() async throws {
    try await postgres.start()
    try await DatabaseRoles(credentials: credentials).create(on: postgres)
  }

  private func startBroker() async throws {
    try await rabbitMQ.start()
    for service in credentials {
      let (write, read) = service.brokerPermissions
      try await rabbitMQ.setUser(
        service.brokerUser, password: service.brokerPassword, write: write, read: read)
    }
  }

  private func migrate() async throws {
    for service in credentials {
      let url = postgres.administrator.url(
        database: DatabaseRoles.database, user: service.ownerRole, password: service.ownerPassword)
      let executable = options.executables.appending(path: service.service.rawValue)
      try await Command(executable, ["--migrate-only"], environment: ["VESTIBULE_MIGRATION_URL": url]).run()
    }
  }

  private func writeEnvironment() async throws {
    let processes = await processes().map { "\($0.name)=\($0.pid)" }.joined(separator: ",")
    let addresses = ServiceName.allCases.compactMap { service in
      copies(of: service).first.map { (ServiceEnvironment.grpcURLName(of: service), $0.grpcURL) }
    }
    let entries =
      [
        ("VESTIBULE_DATABASE_URL", databaseURL), ("VESTIBULE_AMQP_URL", amqpURL),
        ("VESTIBULE_DEVELOPMENT_ISSUER", issuer.address.absoluteString),
        ("VESTIBULE_ISSUER_KEY", DevelopmentIssuerServer.keyFile(in: options.directory).path),
        ("VESTIBULE_ISSUERS", IssuersDocument.file(in: options.directory).path),
      ] + addresses + [("VESTIBULE_PIDS", processes)]
    try Secret.write(entries.map { "\($0)=\($1)\n" }.joined(), to: environmentFile)
  }
}
