import AMQP
import Logging
import Messaging
import Postgres
import ServiceLifecycle
import UnixSignals

/// A service with everything that runs in its process.
struct ServiceAssembly<Assembled: VestibuleService> {
  private let resources: ServiceResources
  private let service: Assembled
  private let administration: Administration

  /// After that long calls and batches in hand are canceled: the process is to be gone in ten seconds.
  private static var patience: Duration { .seconds(8) }

  init(_ configuration: ServiceConfiguration, logger: Logger) throws {
    resources = try ServiceResources(Assembled.name, configuration, logger: logger)
    service = try Assembled(resources)
    administration = Administration(resources.broker, logger: logger)
  }

  /// Until a signal asks it to stop.
  func run() async throws {
    try await verifySchema()
    resources.metrics.addProcessMetrics()
    resources.metrics.addBacklog(
      of: Assembled.name, database: resources.database, administration: administration)
    var group = ServiceGroupConfiguration(
      services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
      logger: resources.logger)
    group.maximumGracefulShutdownDuration = Self.patience
    try await ServiceGroup(configuration: group).run()
    await administration.close()
    await resources.database.close()
  }

  /// A database that is away for now is waited for: a restart of the service would do no better.
  private func verifySchema() async throws {
    let migrator = Migrator(schema: Assembled.name.schema, migrations: Assembled.migrations)
    while true {
      do {
        return try await migrator.verify(using: resources.database)
      } catch let error as DatabaseError where error.code.isConnectionFailure || error.isRetryable {
        resources.logger.warning("waits for the database", metadata: [LogKey.error: "\(error.loggable)"])
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// They stop in the opposite order: first no more calls, then no more messages, at last what tells about
  /// it.
  private var services: [any Service] {
    let configuration = resources.configuration
    let operations = OperationsServer(
      address: configuration.httpAddress,
      checks: [.database(resources.database), .broker(administration)] + service.readiness,
      metrics: resources.metrics, logger: resources.logger)
    let sessions = Sessions(database: resources.database, logger: resources.logger)
    let api = RPCService(
      address: configuration.grpcAddress, files: configuration.transportFiles,
      api: service.api + [AuditAPI(Assembled.name, transactor: resources.transactor)],
      principals: CheckedPrincipals(source: service.principals, sessions: sessions),
      metrics: resources.metrics, logger: resources.logger)
    let inbox = Upkeep(
      "inbox", logger: resources.logger, work: InboxUpkeep(database: resources.database).callAsFunction)
    let sealer = AuditSealer(Assembled.name, transactor: resources.transactor, logger: resources.logger)
    let pruner = AuditPruner(transactor: resources.transactor, logger: resources.logger)
    let erasure = ErasureWorker(
      transactor: resources.transactor,
      deadLetters: DeadLetters(
        administration: administration, publisher: Publisher(resources.broker, logger: resources.logger),
        service: Assembled.name), logger: resources.logger, erase: Assembled.erase)
    return [operations, resources.outbox, inbox, sealer, pruner, erasure, sessions] + service.workers
      + consumers + [api]
  }

  private var consumers: [any Service] {
    let subscriptions = service.subscriptions
    if subscriptions.isEmpty { return [] }
    return [
      EventConsumer(
        service: Assembled.name, subscriptions: subscriptions, transactor: resources.transactor,
        broker: resources.broker, prefetch: resources.configuration.prefetch, logger: resources.logger)
    ]
  }
}
