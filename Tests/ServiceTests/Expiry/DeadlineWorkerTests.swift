import AMQP
import EntitlementModel
import Foundation
import Messaging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Expiry

@Suite("Deadlines fire by themselves")
struct DeadlineWorkerTests {
  @Test(
    "Ten thousand due in the same second, two copies of the service: each fires once and reaches its owner")
  func firesOnce() async throws {
    let (bench, count) = (try await ExpiryBench(), 10_000)
    let (tenant, due) = (bench.tenant, Date(timeIntervalSinceNow: -1))
    try await bench.commit { work in
      try DeadlineTable(connection: work.connection).arm(
        (0..<count).map { _ in
          Deadline(
            aggregate: UUID(), kind: "assignment", tenant: tenant, version: Version(epoch: 1, number: 1),
            dueAt: due, endsAt: due)
        })
    }
    let broker = try AMQPConfiguration(url: try await TestVirtualHost.make().url)
    let administration = Administration(broker, logger: ExpiryBench.logger)
    try await administration.declare(Topology.declarations)
    let fired = Firings()
    let copies = (0..<2).map { _ in fired.copy(of: bench, broker) }
    try await serving(copies.flatMap(\.self)) {
      try await eventually(within: .seconds(60), equals: count) { fired.total }
      // A batch whose confirm comes late is published again: what counts is the events.
      var told: Set<String> = []
      try await eventually(within: .seconds(60), equals: count) {
        let news = try await administration.get(ServiceName.provisioning.queue, limit: 1_000)
        try await administration.acknowledge(news.map(\.tag))
        for delivery in news {
          if case .string(let id)? = delivery.headers["ce-id"] { told.insert(id) }
        }
        return told.count
      }
    }
    await administration.close()
    #expect(fired.mostOfOne == 1)
  }
}

/// How often each deadline was fired by a transaction that may yet have failed.
private final class Firings: Sendable {
  private let counts = Mutex<[UUID: Int]>([:])

  var total: Int { counts.withLock(\.count) }
  var mostOfOne: Int { counts.withLock { $0.values.max() ?? 0 } }

  func copy(of bench: ExpiryBench, _ broker: AMQPConfiguration) -> [any Service] {
    let outbox = OutboxPublisher(
      database: bench.database, broker: broker, source: .expiry, logger: ExpiryBench.logger)
    let transactor = Transactor(database: bench.database, outbox: outbox)
    let worker = DeadlineWorker(transactor: transactor, logger: ExpiryBench.logger) { due, work in
      self.count(due)
      return try FireDeadlines()(due, work)
    }
    return [outbox, worker]
  }

  private func count(_ due: [Deadline]) {
    counts.withLock { counts in
      for deadline in due { counts[deadline.aggregate, default: 0] += 1 }
    }
  }
}

/// Runs services while `body` does, then stops them as SIGTERM would.
private func serving(_ services: [any Service], body: () async throws -> Void) async throws {
  let group = ServiceGroup(services: services, logger: ExpiryBench.logger)
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await group.run() }
    let result: Result<Void, any Error>
    do {
      try await body()
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await group.triggerGracefulShutdown()
    try await tasks.waitForAll()
    try result.get()
  }
}
