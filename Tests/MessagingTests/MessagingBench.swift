import AMQP
import Foundation
import LocalSystem
import Logging
import Messaging
import Postgres
import ServiceLifecycle
import TestSupport

/// A migrated database and a virtual host of one test's own, seen as the provisioning service sees them: with a role
/// that may only read and write rows, which row-level security binds.
struct MessagingBench {
  static let logger = Logger(label: "messaging-tests", factory: { _ in SwiftLogNoOpLogHandler() })
  private static let role = "messaging_" + UUID().uuidString.lowercased().replacing("-", with: "")
  private static let schema = "provisioning"

  let service = ServiceName.provisioning
  let database: Database
  let broker: AMQPConfiguration
  let administration: Administration
  private let administrator: PostgresAdministrator
  private let name: String

  init() async throws {
    let storage = try await TestDatabase.make(template: "messaging", migrate: Self.migrate)
    try await self.init(storage.administrator, storage.name, brokerURL: TestVirtualHost.make().url)
  }

  /// The same on servers that the test may stop.
  init(postgres: PostgresServer, rabbitMQ: RabbitMQServer) async throws {
    try await Self.migrate(postgres.url)
    try await self.init(postgres.administrator, "postgres", brokerURL: rabbitMQ.url())
  }

  private init(_ administrator: PostgresAdministrator, _ name: String, brokerURL: String) async throws {
    (self.administrator, self.name) = (administrator, name)
    database = Self.open(administrator.url(database: name, user: Self.role, password: Self.role))
    broker = try AMQPConfiguration(url: brokerURL)
    administration = Administration(broker, logger: Self.logger)
    try await administration.declare(Topology.declarations)
  }

  /// Runs SQL as the superuser, whom row-level security does not bind.
  @discardableResult
  func execute(_ sql: String) async throws -> String {
    try await administrator.execute(sql, database: name)
  }

  func outbox(at broker: AMQPConfiguration? = nil) -> OutboxPublisher {
    OutboxPublisher(database: database, broker: broker ?? self.broker, source: service, logger: Self.logger)
  }

  func transactor(_ outbox: OutboxPublisher, clock: @escaping @Sendable () -> Date = { Date() }) -> Transactor
  {
    Transactor(database: database, outbox: outbox, clock: clock)
  }

  func publisher() -> Publisher { Publisher(broker, logger: Self.logger) }

  func deadLetters() -> DeadLetters {
    DeadLetters(administration: administration, publisher: publisher(), service: service)
  }

  /// How many rows a table of the schema has; with `distinct`, how many values of that column.
  func count(_ table: String, distinct column: String? = nil) async throws -> Int {
    let what = column.map { "DISTINCT \($0)" } ?? "*"
    let text = try await execute("SELECT count(\(what)) FROM \(Self.schema).\(table)")
    return Int(text.trimmingCharacters(in: .newlines)) ?? -1
  }

  func waiting(on queue: String) async throws -> Int {
    try await administration.status(ofQueue: queue).messageCount
  }

  private static func open(_ url: String) -> Database {
    var configuration = DatabaseConfiguration(url: url, applicationName: "messaging-tests")
    configuration.searchPath = [schema]
    configuration.sessions = 8
    return Database(configuration, logger: logger)
  }

  private static let migrate: @Sendable (String) async throws -> Void = { url in
    let owner = open(url)
    try await owner.session { connection in
      try connection.script("CREATE ROLE \"\(role)\" LOGIN PASSWORD '\(role)'")
    }
    let migrations =
      MessagingMigrations.core + MessagingMigrations.configurationCopy + MessagingMigrations.people
      + MessagingMigrations.audit + MessagingMigrations.auditWitness + MessagingMigrations.erasure
      + [Note.migration]
    try await Migrator(schema: schema, migrations: migrations, runtimeRole: role).migrate(using: owner)
    await owner.close()
  }
}

/// Runs services while `body` does, then stops them as SIGTERM would: the last first.
func running(_ services: any Service..., body: () async throws -> Void) async throws {
  let group = ServiceGroup(services: services, logger: MessagingBench.logger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    let result: Result<Void, any Error>
    do {
      try await body()
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
    try result.get()
  }
}
