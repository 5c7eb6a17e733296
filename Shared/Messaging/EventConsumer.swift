package import AMQP
import Contracts
import EntitlementModel
import Foundation
package import Logging
import Postgres
import ServiceLifecycle

/// Reads a service's queue in batches and folds each in one transaction: claim, fold, commit, acknowledge. A culprit
/// becomes a dead letter; trouble with the database or the broker stops the pulling and changes no message's fate.
package struct EventConsumer: Service {
  private let service: ServiceName
  private let subscriptions: [EventType: Subscription]
  private let order: [Subscription]
  private let transactor: Transactor
  private let broker: AMQPConfiguration
  private let prefetch: Int
  private let logger: Logger

  /// A message that came this often may be what kills its consumers: it is taken one at a time.
  private static let suspiciousDeliveries = 3

  package init(
    service: ServiceName, subscriptions: [Subscription], transactor: Transactor, broker: AMQPConfiguration,
    prefetch: Int, logger: Logger
  ) {
    (self.service, self.order, self.transactor) = (service, subscriptions, transactor)
    (self.broker, self.prefetch, self.logger) = (broker, prefetch, logger)
    var byType: [EventType: Subscription] = [:]
    for subscription in subscriptions { for type in subscription.types { byType[type] = subscription } }
    self.subscriptions = byType
  }

  package func run() async throws {
    let consumer = Consumer(broker, queue: service.queue, prefetch: 1, logger: logger)
    let deadLetters = DeadLetterOffice(
      service: service, publisher: Publisher(broker, logger: logger), logger: logger)
    await consume(consumer, deadLetters)
    await consumer.close()
    await deadLetters.close()
  }

  private func consume(_ consumer: Consumer, _ deadLetters: DeadLetterOffice) async {
    var atFullPrefetch = false
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        let deliveries = try await cancelWhenGracefulShutdown {
          try await consumer.next(limit: prefetch, wait: .seconds(1))
        }
        guard let last = deliveries.last else { continue }
        guard await foldPatiently(deliveries, deadLetters) else { return }
        try await consumer.acknowledge(upTo: last.tag)
        let isSuspicious = deliveries.contains { $0.deliveryCount >= Self.suspiciousDeliveries }
        if isSuspicious == atFullPrefetch {
          atFullPrefetch = !isSuspicious
          try await consumer.setPrefetch(atFullPrefetch ? prefetch : 1)
        }
      } catch {
        logger.warning("consuming pauses", metadata: ["cause": "\(error.loggable)"])
        await pause(attempt: 1)
      }
    }
  }

  /// What was taken in stays in hand until each message has its fate: a later acknowledgement covers the earlier
  /// messages too. Only the end of the service gives them back, unacknowledged.
  /// - Returns: whether each has it.
  private func foldPatiently(_ deliveries: [Delivery], _ deadLetters: DeadLetterOffice) async -> Bool {
    var attempt = 0
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        try await fold(deliveries, deadLetters)
        return true
      } catch {
        logger.warning(
          "a batch waits", metadata: ["cause": "\(error.loggable)", "messages": "\(deliveries.count)"])
        attempt += 1
        await pause(attempt: attempt)
      }
    }
    return false
  }

  /// Folds every delivery or makes it a dead letter; returns only when each has its fate. The inbox knows events of
  /// earlier batches; those that come twice in this one are told apart here.
  private func fold(_ deliveries: [Delivery], _ deadLetters: DeadLetterOffice) async throws {
    var events: [(Delivery, IncomingEvent)] = []
    var seen: Set<IncomingEvent.ID> = []
    for delivery in deliveries {
      do throws(DeadLetterReason) {
        let envelope = try CloudEventHeaders.read(delivery)
        guard subscriptions[envelope.type] != nil else { throw .unknownType(envelope.type.rawValue) }
        guard envelope.id.moment.timeIntervalSinceNow > -InboxTable.retention else { throw .tooOld }
        guard seen.insert(envelope.id).inserted else { continue }
        events.append((delivery, IncomingEvent(envelope: envelope, body: delivery.body)))
      } catch {
        try await deadLetters.take(delivery, because: error)
      }
    }
    try await foldIsolatingCulprits(events[...], deadLetters)
  }

  private func foldIsolatingCulprits(
    _ events: ArraySlice<(Delivery, IncomingEvent)>, _ deadLetters: DeadLetterOffice
  ) async throws {
    guard let first = events.first else { return }
    do {
      try await commitPatiently(events.map(\.1))
    } catch let culprit as Culprit {
      guard events.count > 1 else { return try await deadLetters.take(first.0, because: culprit.reason) }
      let middle = events.startIndex + events.count / 2
      try await foldIsolatingCulprits(events[..<middle], deadLetters)
      try await foldIsolatingCulprits(events[middle...], deadLetters)
    }
  }

  /// Commits the batch, however long the database is away; throws only a culprit, or the end of the service.
  private func commitPatiently(_ events: [IncomingEvent]) async throws {
    var attempt = 0
    while true {
      do {
        return try await commit(events)
      } catch let reason as DeadLetterReason {
        throw Culprit(reason: reason)
      } catch let refusal as Refusal {
        throw Culprit(reason: DeadLetterReason(refusal))
      } catch let error as ContractError {
        throw Culprit(reason: DeadLetterReason(error.refusal))
      } catch let error as DatabaseError where !error.isPassing {
        throw Culprit(reason: .refused(code: "\(error.code)", message: error.loggable))
      } catch let error as CancellationError {
        throw error
      } catch let error as DatabaseError {
        logger.warning("a batch waits for the database", metadata: ["cause": "\(error.loggable)"])
        try Task.checkCancellation()
        if Task.isShuttingDownGracefully { throw error }
        attempt += 1
        await pause(attempt: attempt)
      } catch {
        throw Culprit(reason: .refused(code: "\(type(of: error))", message: error.loggable))
      }
    }
  }

  private func commit(_ events: [IncomingEvent]) async throws {
    var folds: [PreparedFold] = []
    for subscription in order {
      let own = events.filter { subscription.types.contains($0.envelope.type) }
      if !own.isEmpty { folds.append(try subscription.prepare(own)) }
    }
    let prepared = folds
    await transactor.waitForRoom()
    try await transactor.commit(tenants: Set(events.map(\.envelope.tenant))) { work in
      let isNew = try InboxTable(connection: work.connection).claim(events.map(\.id))
      guard !isNew.isEmpty else { return }
      for fold in prepared { try fold(isNew, work) }
    }
  }

  private func pause(attempt: Int) async {
    let seconds = min(5, 0.1 * Double(1 << min(attempt, 6))) * .random(in: 0.5...1)
    try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(seconds)) }
  }

  private struct Culprit: Error {
    let reason: DeadLetterReason
  }
}

extension DatabaseError {
  /// Whether the same work may succeed later: the trouble is not the work's own. A commit of unknown outcome is
  /// repeated, for the inbox knows whether it happened.
  var isPassing: Bool {
    if isRetryable || code.isConnectionFailure { return true }
    if [.commitUnknown, .closed, .readOnlyTransaction].contains(code) { return true }
    return Self.passingClasses.contains(String(code.rawValue.prefix(2)))
  }

  /// SQLSTATE classes: the server lacks resources, an operator intervened or a time limit passed, its system failed.
  private static let passingClasses: Set<String> = ["53", "57", "58"]
}

extension DeadLetterReason {
  init(_ refusal: Refusal) {
    let first = refusal.reasons.first
    self = .refused(
      code: first?.code.rawValue ?? "refused",
      message: refusal.reasons.map { "\($0.message) \($0.field)" }.joined(separator: "; "))
  }
}
