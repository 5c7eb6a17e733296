import BlockingExecutor
import Logging

/// One connection on a queue of its own. The pool lends it to one caller at a time.
actor Session {
  private nonisolated let executor: BlockingExecutor
  private nonisolated let canceller = Canceller()
  private let configuration: DatabaseConfiguration
  private let logger: Logger
  private var connection: Connection?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(number: Int, configuration: DatabaseConfiguration, logger: Logger) {
    executor = BlockingExecutor(label: "vestibule.postgres.\(number)")
    self.configuration = configuration
    self.logger = logger
  }

  /// Runs one transaction, once.
  func transaction<T: Sendable>(
    _ options: TransactionOptions, _ body: @Sendable (Connection) throws -> T
  ) throws(WorkFailure) -> T {
    let connection = try begin(options)
    do {
      let value = try runCancellable(connection, body)
      try connection.commit()
      return value
    } catch {
      clear(connection)
      throw WorkFailure(error, bodyHasRun: true)
    }
  }

  /// Runs a body outside a transaction.
  func run<T: Sendable>(_ body: @Sendable (Connection) throws -> T) throws -> T {
    if let connection, !connection.checkIdle() {
      retire()
    }
    let connection = try connected()
    do {
      let value = try runCancellable(connection, body)
      guard !connection.isInTransaction else { throw DatabaseError(.transactionOpen) }
      try connection.reset()
      return value
    } catch {
      // What the body did to the session is unknown.
      retire()
      throw error
    }
  }

  /// Stops the body that runs, if one does.
  nonisolated func cancel() {
    canceller.cancel()
  }

  func close() {
    connection = nil
  }

  private func begin(_ options: TransactionOptions) throws(WorkFailure) -> Connection {
    let connection = try connected()
    do {
      try connection.begin(options)
      return connection
    } catch {
      clear(connection)
      throw WorkFailure(error, bodyHasRun: false)
    }
  }

  /// Runs the body where `cancel` reaches it. After a cancellation the connection is retired, since a late request
  /// would stop the next statement.
  private func runCancellable<T: Sendable>(
    _ connection: Connection, _ body: @Sendable (Connection) throws -> T
  ) throws -> T {
    canceller.arm(connection.cancelRequest)
    let result = Result { () throws -> T in
      try Task.checkCancellation()
      return try body(connection)
    }
    guard !canceller.disarm() else {
      retire()
      throw CancellationError()
    }
    return try result.get()
  }

  private func connected() throws(WorkFailure) -> Connection {
    if let connection { return connection }
    do {
      let connection = try Connection.connect(configuration)
      logger.debug("connected to the database")
      self.connection = connection
      return connection
    } catch {
      throw WorkFailure(error, bodyHasRun: false)
    }
  }

  /// After an error: rolls back, or gives the connection up if it is broken or still busy.
  private func clear(_ connection: Connection) {
    guard self.connection === connection, !connection.rollback() else { return }
    logger.warning("gave up a broken connection to the database")
    retire()
  }

  private func retire() {
    connection = nil
  }
}

/// Why work on a connection failed, and whether it may be run again.
struct WorkFailure: Error {
  let cause: any Error
  let canRunAgain: Bool

  init(_ cause: any Error, bodyHasRun: Bool) {
    self.cause = cause
    guard let error = cause as? DatabaseError else {
      canRunAgain = false
      return
    }
    canRunAgain = error.code.isTransactionConflict || (!bodyHasRun && error.code.isConnectionFailure)
  }
}
