package import AMQP
import Foundation
package import Logging
package import Postgres
import ServiceLifecycle

/// Brings stored events to the broker: those just committed from memory, those left behind (a crash, an outage)
/// by a sweep that every copy makes.
package actor OutboxPublisher: Service {
  private let database: Database
  private let publisher: Publisher
  private let source: ServiceName
  private let logger: Logger
  private var unconfirmed = 0
  private(set) var waiting: [CheckedContinuation<Void, Never>] = []
  private var queue: [OutboxTable.Stored] = []
  private var arrival: CheckedContinuation<Void, Never>?
  private var isStopping = false

  /// Batches of this process that the broker has not confirmed, above which nothing more is consumed.
  private static let roomForBatches = 2
  /// Batches kept in memory; what is committed beyond them waits in the table alone.
  private static let memoryForBatches = 32
  private static let eventsPerPublish = 1_000

  package init(database: Database, broker: AMQPConfiguration, source: ServiceName, logger: Logger) {
    (self.database, self.source, self.logger) = (database, source, logger)
    publisher = Publisher(broker, logger: logger)
  }

  package func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.publishArrivals() }
        group.addTask { await self.sweep() }
      }
    } onCancelOrGracefulShutdown: {
      Task { await self.stop() }
    }
    await publisher.close()
  }

  /// Returns when fewer than two batches of this process are unconfirmed.
  func waitForRoom() async {
    guard unconfirmed >= Self.roomForBatches, !isStopping else { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Takes a committed batch over; it is stored, so losing it from memory loses nothing.
  func publish(_ stored: OutboxTable.Stored) {
    guard !isStopping, queue.count < Self.memoryForBatches else { return }
    unconfirmed += 1
    queue.append(stored)
    arrival?.resume()
    arrival = nil
  }

  private func stop() {
    isStopping = true
    arrival?.resume()
    arrival = nil
    for waiter in waiting { waiter.resume() }
    waiting = []
  }

  private func publishArrivals() async {
    while true {
      if queue.isEmpty {
        if isStopping { return }
        await withCheckedContinuation { arrival = $0 }
        continue
      }
      var batch: [OutboxTable.Stored] = []
      var events = 0
      while let next = queue.first, batch.isEmpty || events + next.events.count <= Self.eventsPerPublish {
        batch.append(queue.removeFirst())
        events += next.events.count
      }
      await send(batch)
      unconfirmed -= batch.count
      // All of them: whoever goes on may have nothing to publish, and then nobody would wake the others.
      guard unconfirmed < Self.roomForBatches else { continue }
      for waiter in waiting { waiter.resume() }
      waiting = []
    }
  }

  /// Publishes, and deletes the rows of which the broker has confirmed every event; the sweep takes the others.
  private func send(_ batch: [OutboxTable.Stored]) async {
    let confirmed = await publishedRows(of: batch)
    guard !confirmed.isEmpty else { return }
    do {
      // Losing this commit in a crash repeats events, which readers know.
      try await database.transaction(synchronousCommit: false) { connection in
        try OutboxTable(connection: connection).delete(confirmed)
      }
    } catch {
      logger.warning("confirmed events stay in the outbox", metadata: ["cause": "\(error.loggable)"])
    }
  }

  private func publishedRows(of batch: [OutboxTable.Stored]) async -> [UUID] {
    let messages = batch.flatMap { stored in
      stored.events.map { CloudEventHeaders.message($0, epoch: stored.epoch, source: source) }
    }
    do throws(PublishFailure) {
      try await publisher.publish(messages)
      return batch.map(\.id)
    } catch {
      logger.warning(
        "events wait in the outbox",
        metadata: ["cause": "\(error.loggable)", "events": "\(error.failures.count)"])
      var position = 0
      return batch.compactMap { stored in
        defer { position += stored.events.count }
        let events = position..<position + stored.events.count
        return events.contains { error.failures[$0] != nil } ? nil : stored.id
      }
    }
  }

  private func sweep() async {
    while !isStopping, !Task.isCancelled {
      do {
        let left = try await database.transaction { connection in
          try OutboxTable(connection: connection).lease(
            olderThan: Interval(microseconds: 2_000_000), for: Interval(microseconds: 10_000_000), limit: 50)
        }
        if !left.isEmpty {
          await send(left)
          continue
        }
      } catch {
        logger.warning("the outbox can not be swept", metadata: ["cause": "\(error.loggable)"])
      }
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
    }
  }
}
