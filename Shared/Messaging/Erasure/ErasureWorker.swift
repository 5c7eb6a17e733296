import Foundation
package import Logging
import ServiceLifecycle

/// Goes after what came late about people who were erased: rows of transactions that did not know of it yet, and
/// messages that nobody could take.
package struct ErasureWorker: Service {
  private let transactor: Transactor
  private let deadLetters: DeadLetters
  private let erase: ErasePersonalValues
  private let logger: Logger

  private static let pollInterval = Duration.seconds(1)
  private static let atOnce = 200

  package init(
    transactor: Transactor, deadLetters: DeadLetters, logger: Logger, erase: @escaping ErasePersonalValues
  ) {
    (self.transactor, self.deadLetters, self.logger, self.erase) = (transactor, deadLetters, logger, erase)
  }

  package func run() async throws {
    await poll(every: Self.pollInterval, "traces of erased people wait", logger: logger) {
      try await visit() == Self.atOnce
    }
  }

  /// - Returns: of how many people it has looked for traces.
  package func visit() async throws -> Int {
    let erased = try await transactor.commit(tenants: []) { [erase] work in
      let table = ErasedSubjects(connection: work.connection)
      let due = try table.due(at: work.now, limit: Self.atOnce)
      guard !due.isEmpty else { return due }
      try work.enter(Set(due.map(\.tenant)))
      try table.eraseWords(about: due)
      try erase(due, work)
      return due
    }
    if !erased.isEmpty {
      let dropped = try await deadLetters.drop(naming: Set(erased.map(\.subject)))
      if dropped > 0 {
        logger.info("dead letters about erased people are gone", metadata: ["count": "\(dropped)"])
      }
    }
    return erased.count
  }
}
