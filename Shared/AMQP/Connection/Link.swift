import Logging

/// A connection that comes back: opened on first use, and after a failure not before its backoff has passed.
final class Link {
  let configuration: AMQPConfiguration
  let logger: Logger
  let blockade = Blockade()
  private(set) var connection: Connection?
  /// How many connections there have been.
  private(set) var generation: UInt64 = 0
  private var backoff = Backoff()
  private var isClosed = false

  init(_ configuration: AMQPConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  /// The open connection, or a new one after `prepare` has set it up.
  func ready(
    _ prepare: (Connection) throws(AMQPError) -> Void = { _ in }
  ) async throws(AMQPError) -> Connection {
    if let connection { return connection }
    try await waitForBackoff()
    guard !isClosed else { throw AMQPError(.closed, "the connection was closed by its owner") }
    if let connection { return connection }
    do throws(AMQPError) {
      let connection = try Connection(configuration, blockade: blockade)
      try prepare(connection)
      self.connection = connection
      generation += 1
      logger.debug("connected to the broker", metadata: ["broker": "\(configuration)"])
      return connection
    } catch {
      backoff.failed()
      throw error
    }
  }

  /// Runs one exchange with the broker. An error ends the connection, since its state is unknown then.
  ///
  /// Being blocked does not: only the blocked connection learns when that is over.
  func use<Result>(
    _ connection: Connection, _ body: (Connection) throws(AMQPError) -> Result
  ) throws(AMQPError) -> Result {
    do throws(AMQPError) {
      return try body(connection)
    } catch {
      if error.code != .blocked { lose(error) }
      throw error
    }
  }

  /// Notes that the broker did what it was asked for: the next failure is the first again.
  func succeeded() { backoff.succeeded() }

  func close() {
    isClosed = true
    connection?.close()
    connection = nil
  }

  private func lose(_ error: AMQPError) {
    guard connection != nil else { return }
    connection = nil
    backoff.failed()
    logger.warning("the connection to the broker ended", metadata: ["reason": "\(error)"])
  }

  private func waitForBackoff() async throws(AMQPError) {
    let remaining = backoff.remaining
    guard remaining > .zero else { return }
    do {
      try await Task.sleep(for: remaining)
    } catch {
      throw AMQPError(.cancelled, "cancelled while waiting to connect again")
    }
  }
}
