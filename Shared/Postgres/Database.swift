package import Logging

/// The door to PostgreSQL: transactions over a bounded number of connections.
///
/// Connections are made when they are first needed and made anew when they break.
package final class Database: Sendable {
  private let pool: SessionPool
  private let attempts: Int
  private let logger: Logger

  package init(_ configuration: DatabaseConfiguration, logger: Logger) {
    let sessions = (0..<max(1, configuration.sessions)).map {
      Session(number: $0, configuration: configuration, logger: logger)
    }
    pool = SessionPool(sessions: sessions, waiterLimit: configuration.waiters)
    attempts = max(1, configuration.attempts)
    self.logger = logger
  }

  /// Runs `body` in a transaction and commits it; what `body` throws rolls it back.
  ///
  /// The body runs again, from its start, after a serialization failure or a deadlock: it must change nothing but the
  /// database. Cancelling the task stops the statement that runs.
  ///
  /// - Parameters:
  ///   - settings: run-time settings for this transaction alone, each value one string.
  ///   - synchronousCommit: false lets a crash of the server lose the commit, never tear it.
  /// - Throws: what `body` throws, `CancellationError`, or `DatabaseError`: `poolExhausted`, `connectionFailed`,
  ///   `connectionLost` (rolled back), `commitUnknown`, `transactionAborted`, `transactionEnded`, `closed`, or what the
  ///   server says to COMMIT.
  @discardableResult
  package func transaction<T: Sendable>(
    settings: [String: String] = [:], isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
    synchronousCommit: Bool = true, _ body: @Sendable (Connection) throws -> T
  ) async throws -> T {
    let options = TransactionOptions(
      settings: settings, isolation: isolation, readOnly: readOnly, synchronousCommit: synchronousCommit)
    return try await repeated { session in try await session.transaction(options, body) }
  }

  /// Runs `body` on one connection, each statement on its own: for what cannot run in a transaction.
  ///
  /// Settings, subscriptions and advisory locks that the body leaves behind are undone after it. Only connecting is tried
  /// again, never the body.
  ///
  /// - Throws: as `transaction`, and `transactionOpen` if the body leaves one open.
  @discardableResult
  package func session<T: Sendable>(_ body: @Sendable (Connection) throws -> T) async throws -> T {
    try await repeated { session in try await session.run(body) }
  }

  /// Runs `work` again while it failed in a way that leaves nothing behind.
  private func repeated<T: Sendable>(_ work: @Sendable (Session) async throws -> T) async throws -> T {
    var attempt = 1
    while true {
      do {
        return try await pool.withSession(work)
      } catch let failure as WorkFailure {
        guard failure.canRunAgain, attempt < attempts else { throw failure.cause }
        logger.debug("runs database work again", metadata: ["cause": "\(failure.cause)"])
        try await Task.sleep(for: Backoff.delay(beforeAttempt: attempt + 1))
        attempt += 1
      }
    }
  }

  /// Takes no more work, waits for what is in hand and closes every connection.
  package func close() async {
    await pool.close()
  }
}
