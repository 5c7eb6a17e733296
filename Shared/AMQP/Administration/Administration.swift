import BlockingExecutor
import CRabbitMQ
package import Logging

/// A connection for what an operator does: declare, look, move messages.
///
/// A refused operation ends the connection and with it what `get` has fetched; the next call connects again.
package actor Administration {
  private nonisolated let executor = BlockingExecutor(label: "vestibule.amqp.administration")
  private let link: Link
  private var settling = Settling()
  private var heartbeat = Heartbeat()

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Connects on first use.
  package init(_ configuration: AMQPConfiguration, logger: Logger) {
    link = Link(configuration, logger: logger)
  }

  deinit {
    heartbeat.stop()
  }

  /// Declares exchanges, queues and bindings, in that order of the array.
  package func declare(_ declarations: [Declaration]) async throws(AMQPError) {
    try await use { connection throws(AMQPError) in try connection.apply(declarations) }
  }

  /// Counts of the queue; `notFound` if it does not exist.
  package func status(ofQueue queue: String) async throws(AMQPError) -> QueueStatus {
    try await use { connection throws(AMQPError) in
      try connection.declareQueue(queue, arguments: [:], isPassive: true)
    }
  }

  /// Throws `notFound` if the exchange does not exist.
  package func check(exchange: String) async throws(AMQPError) {
    try await use(exchange, "topic") { connection, exchange, type in
      amqp_exchange_declare(connection, Connection.channel, exchange, type, 1, 1, 0, 0, amqp_empty_table)
    }
  }

  package func unbind(queue: String, exchange: String, routingKey: String) async throws(AMQPError) {
    try await use { connection throws(AMQPError) in
      connection.arena.begin(byteCount: queue.utf8.count + exchange.utf8.count + routingKey.utf8.count)
      amqp_queue_unbind(
        connection.handle, Connection.channel, connection.arena.copy(queue), connection.arena.copy(exchange),
        connection.arena.copy(routingKey), amqp_empty_table)
      try connection.checkReply()
    }
  }

  /// Deletes the queue with its messages. A queue that does not exist is no error.
  package func delete(queue: String) async throws(AMQPError) {
    try await use(queue, "") { connection, queue, _ in
      amqp_queue_delete(connection, Connection.channel, queue, 0, 0)
    }
  }

  /// Deletes the exchange. One that does not exist is no error.
  package func delete(exchange: String) async throws(AMQPError) {
    try await use(exchange, "") { connection, exchange, _ in
      amqp_exchange_delete(connection, Connection.channel, exchange, 0)
    }
  }

  /// Deletes the messages that are ready in the queue.
  package func purge(queue: String) async throws(AMQPError) {
    try await use(queue, "") { connection, queue, _ in
      amqp_queue_purge(connection, Connection.channel, queue)
    }
  }

  /// Fetches up to `limit` messages and keeps them from everybody else until they are settled.
  package func get(_ queue: String, limit: Int) async throws(AMQPError) -> [Delivery] {
    try await use { connection throws(AMQPError) in
      var deliveries: [Delivery] = []
      while deliveries.count < limit, let delivery = try connection.get(queue, generation: link.generation) {
        deliveries.append(delivery)
      }
      return deliveries
    }
  }

  /// Removes fetched messages from their queue.
  /// - Returns: those of an earlier connection, which are back in their queue.
  @discardableResult
  package func acknowledge(_ tags: [DeliveryTag]) throws(AMQPError) -> [DeliveryTag] {
    try settle(tags) { connection throws(AMQPError) in try settling.acknowledge(tags, on: connection) }
  }

  /// Puts fetched messages back into their queue.
  /// - Returns: those of an earlier connection, which are back already.
  @discardableResult
  package func requeue(_ tags: [DeliveryTag]) throws(AMQPError) -> [DeliveryTag] {
    try settle(tags) { connection throws(AMQPError) in
      try settling.reject(tags, requeues: true, on: connection)
    }
  }

  /// Closes the connection for good; the broker requeues what is not settled.
  package func close() {
    heartbeat.stop()
    link.close()
  }

  private func use<Result>(
    _ body: (Connection) throws(AMQPError) -> Result
  ) async throws(AMQPError) -> Result {
    let connection = try await link.ready { _ in settling = Settling(generation: link.generation + 1) }
    heartbeat.start(every: link.configuration.heartbeat) { [weak self] in await self?.beat() ?? false }
    let result = try link.use(connection, body)
    link.succeeded()
    return result
  }

  private func use<Reply>(
    _ first: String, _ second: String,
    _ call: (amqp_connection_state_t, amqp_bytes_t, amqp_bytes_t) -> UnsafeMutablePointer<Reply>?
  ) async throws(AMQPError) {
    try await use { connection throws(AMQPError) in
      connection.arena.begin(byteCount: first.utf8.count + second.utf8.count)
      _ = call(connection.handle, connection.arena.copy(first), connection.arena.copy(second))
      try connection.checkReply()
      connection.releaseFrames()
    }
  }

  private func settle(
    _ tags: [DeliveryTag], _ body: (Connection) throws(AMQPError) -> Void
  ) throws(AMQPError) -> [DeliveryTag] {
    guard let connection = link.connection else { return tags }
    let stale = tags.filter(settling.isStale)
    guard stale.count < tags.count else { return stale }
    try link.use(connection, body)
    return stale
  }

  private func beat() -> Bool {
    guard let connection = link.connection else { return true }
    do throws(AMQPError) {
      try link.use(connection) { connection throws(AMQPError) in
        if try connection.receive(within: .zero) != nil { connection.releaseFrames() }
      }
    } catch {
      // The link has logged it; the next call connects again.
    }
    return true
  }
}
