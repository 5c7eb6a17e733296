package import AMQP
package import Logging
package import Messaging
package import Postgres

/// What a service is made of: its settings and its doors to the database and the broker.
package struct ServiceResources: Sendable {
  package let configuration: ServiceConfiguration
  package let database: Database
  package let broker: AMQPConfiguration
  package let outbox: OutboxPublisher
  package let transactor: Transactor
  package let metrics: MetricsRegistry
  package let logger: Logger

  /// Connects nothing yet.
  package init(_ name: ServiceName, _ configuration: ServiceConfiguration, logger: Logger) throws(AMQPError) {
    var settings = DatabaseConfiguration(url: configuration.databaseURL, applicationName: name.rawValue)
    settings.searchPath = [name.schema]
    settings.sessions = configuration.databasePool
    var broker = try AMQPConfiguration(url: configuration.amqpURL)
    broker.connectionName = name.rawValue
    self.configuration = configuration
    self.broker = broker
    self.logger = logger
    database = Database(settings, logger: logger)
    outbox = OutboxPublisher(database: database, broker: broker, source: name, logger: logger)
    transactor = Transactor(database: database, outbox: outbox)
    metrics = MetricsRegistry()
  }
}
