import Foundation
import LocalSystem
import Testing
import TestSupport

@testable import Messaging

/// Goal: an outage of the database or the broker costs time and nothing else. Method: servers of the suite's own.
@Suite("Outages") struct OutageTests {
  @Test("Everything is folded once over outages of database and broker, and nothing becomes a dead letter")
  func survivesOutages() async throws {
    let directory = try TestDirectory.make()
    let postgres = try await PostgresServer(directory: directory)
    let rabbitMQ = try RabbitMQServer(directory: directory)
    async let database: Void = postgres.start()
    async let broker: Void = rabbitMQ.start()
    _ = try await (database, broker)
    let bench = try await MessagingBench(postgres: postgres, rabbitMQ: rabbitMQ)
    let outbox = bench.outbox()
    let transactor = bench.transactor(outbox)
    try await running(outbox, bench.consumer(transactor), bench.consumer(transactor)) {
      try await tell(200, with: transactor)
      try await bench.awaitNotes(200)

      await postgres.stop()
      try await bench.publish((0..<300).map { try Note.event("\($0)") })
      try await postgres.start()
      try await bench.settles(notes: 500)

      await rabbitMQ.kill()
      try await tell(200, with: transactor)
      try await rabbitMQ.start()
      try await bench.settlesAfterReconnecting(notes: 700)

      async let more: Void = tell(2_000, with: transactor)
      try await eventually { try await bench.count("note") > 900 }
      await rabbitMQ.kill()
      try await rabbitMQ.start()
      try await more
      try await bench.settlesAfterReconnecting(notes: 2_700)
    }
    await rabbitMQ.stop()
    await postgres.stop()
    await TestDirectory.remove(directory)
  }

  private func tell(_ number: Int, with transactor: Transactor) async throws {
    for _ in 0..<number / 10 {
      try await transactor.commit(tenants: []) { work in
        for index in 0..<10 { try Note.tell("\(index)", work) }
      }
    }
  }
}

extension MessagingBench {
  /// As `settles`, over a connection of the test's own that was lost with the broker.
  fileprivate func settlesAfterReconnecting(notes: Int) async throws {
    try await awaitNotes(notes)
    try await eventually(within: .seconds(30), equals: 0) {
      (try? await waiting(on: service.queue)) ?? -1
    }
    #expect(try await waiting(on: service.deadLetterQueue) == 0)
    try await eventuallyEmptyOutbox()
  }
}
