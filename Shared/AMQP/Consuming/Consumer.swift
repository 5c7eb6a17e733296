import BlockingExecutor
package import Logging

/// Receives the messages of one queue, as many at a time as have arrived.
///
/// Nothing is acknowledged unless asked for. When the connection ends, the broker delivers what was not
/// acknowledged again, and tags of the ended connection settle nothing.
package actor Consumer {
  /// How long one wait holds the thread before other calls and cancellation get their turn.
  private static let slice = Duration.milliseconds(100)

  private nonisolated let executor = BlockingExecutor(label: "vestibule.amqp.consumer")
  private let link: Link
  private let queue: String
  private let declarations: [Declaration]
  private var prefetch: UInt16
  private var heartbeat = Heartbeat()
  private var settling = Settling()
  private var consumerCount = 0
  /// What heartbeats and changes of the prefetch have read ahead of `next`.
  private var buffered: [Delivery] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Connects on first use.
  /// - Parameters:
  ///   - prefetch: how many messages may be here unsettled, from 1 to 65,535.
  ///   - declarations: applied after every connect; needs the right to configure.
  package init(
    _ configuration: AMQPConfiguration, queue: String, prefetch: Int, declarations: [Declaration] = [],
    logger: Logger
  ) {
    link = Link(configuration, logger: logger)
    self.queue = queue
    self.prefetch = Self.allowed(prefetch)
    self.declarations = declarations
  }

  deinit {
    heartbeat.stop()
  }

  /// Waits for messages and returns at once with all that have arrived, at most `limit`.
  ///
  /// The array is empty when none came in time or the task was cancelled. After an error that may be retried the
  /// next call connects again.
  package func next(limit: Int, wait: Duration) async throws(AMQPError) -> [Delivery] {
    let deadline = ContinuousClock.now + wait
    repeat {
      try await connect()
      let remaining = ContinuousClock.now.duration(to: deadline)
      let batch = try collect(limit: limit, within: max(.zero, min(Self.slice, remaining)))
      guard batch.isEmpty else { return batch }
      await Task.yield()
    } while ContinuousClock.now < deadline && !Task.isCancelled
    return []
  }

  /// Connects and starts to receive now instead of on first use: for a readiness check.
  package func connect() async throws(AMQPError) {
    guard link.connection == nil else { return }
    _ = try await link.ready { connection throws(AMQPError) in
      try connection.apply(declarations)
      buffered.removeAll()
      settling = Settling(generation: link.generation + 1)
      try startConsuming(connection)
    }
    heartbeat.start(every: link.configuration.heartbeat) { [weak self] in await self?.beat() ?? false }
  }

  /// Acknowledges the deliveries.
  /// - Returns: those of an earlier connection, which were not: their messages come again.
  @discardableResult
  package func acknowledge(_ tags: [DeliveryTag]) throws(AMQPError) -> [DeliveryTag] {
    try settle(tags) { connection throws(AMQPError) in try settling.acknowledge(tags, on: connection) }
  }

  /// Acknowledges the delivery and every earlier one of its connection that is still open.
  /// - Returns: whether it was of the current connection.
  @discardableResult
  package func acknowledge(upTo tag: DeliveryTag) throws(AMQPError) -> Bool {
    try settle([tag]) { connection throws(AMQPError) in try settling.acknowledge(upTo: tag, on: connection) }
      .isEmpty
  }

  /// Gives the message up: the broker drops it or sends it to the queue's dead-letter exchange.
  /// - Returns: whether it was of the current connection.
  @discardableResult
  package func reject(_ tag: DeliveryTag) throws(AMQPError) -> Bool {
    try settle([tag]) { connection throws(AMQPError) in
      try settling.reject([tag], requeues: false, on: connection)
    }.isEmpty
  }

  /// Gives the messages back to the queue, which counts as a delivery for its limit.
  /// - Returns: those of an earlier connection, which are back already.
  @discardableResult
  package func requeue(_ tags: [DeliveryTag]) throws(AMQPError) -> [DeliveryTag] {
    try settle(tags) { connection throws(AMQPError) in
      try settling.reject(tags, requeues: true, on: connection)
    }
  }

  /// Changes how many messages may be here unsettled, from 1 to 65,535.
  ///
  /// The broker applies a prefetch to new consumers only, so this consumer ends and a new one begins on the same
  /// channel; what the first one has received stays to be settled.
  package func setPrefetch(_ prefetch: Int) throws(AMQPError) {
    guard Self.allowed(prefetch) != self.prefetch else { return }
    self.prefetch = Self.allowed(prefetch)
    guard let connection = link.connection else { return }
    try link.use(connection) { connection throws(AMQPError) in
      try connection.cancel(consumer: consumerName)
      try startConsuming(connection)
    }
  }

  /// Closes the connection for good; the broker requeues what is not settled.
  package func close() {
    heartbeat.stop()
    buffered.removeAll()
    link.close()
  }

  private var consumerName: String { "vestibule-\(consumerCount)" }

  private static func allowed(_ prefetch: Int) -> UInt16 { UInt16(clamping: max(1, prefetch)) }

  private func startConsuming(_ connection: Connection) throws(AMQPError) {
    consumerCount += 1
    try connection.consume(queue, consumer: consumerName, prefetch: prefetch)
  }

  private func collect(limit: Int, within timeout: Duration) throws(AMQPError) -> [Delivery] {
    guard let connection = link.connection else { return [] }
    var batch = Array(buffered.prefix(limit))
    buffered.removeFirst(batch.count)
    let generation = link.generation
    try link.use(connection) { connection throws(AMQPError) in
      var patience = batch.isEmpty ? timeout : .zero
      while batch.count < limit,
        let delivery = try connection.nextDelivery(within: patience, generation: generation)
      {
        batch.append(delivery)
        patience = .zero
      }
    }
    if !batch.isEmpty { link.succeeded() }
    return batch
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
        while let delivery = try connection.nextDelivery(within: .zero, generation: link.generation) {
          buffered.append(delivery)
        }
      }
    } catch {
      // The link has logged it; the next call connects again.
    }
    return true
  }
}
