import AMQP
import Testing
import TestSupport

@Suite struct AdministrationTests {
  @Test func declaringTwiceChangesNothingAndOtherwiseIsRefused() async throws {
    let bench = try await Workbench()
    let same: Declaration = .queue(bench.queue, arguments: ["x-queue-type": .string("quorum")])
    try await bench.administration.declare([same])
    let error = try #require(
      await amqpError { try await bench.administration.declare([.queue(bench.queue)]) })
    #expect(error.code == .preconditionFailed)
    #expect(error.replyCode == 406)
    #expect(!error.isRetryable)
    try await bench.administration.declare([same])
  }

  @Test func looksWithoutCreating() async throws {
    let bench = try await Workbench()
    try await bench.administration.check(exchange: bench.exchange)
    for work in [
      { () async throws in _ = try await bench.administration.status(ofQueue: "missing") },
      { () async throws in try await bench.administration.check(exchange: "missing") },
    ] {
      #expect(try await amqpError(of: work)?.code == .notFound)
    }
    try await bench.publisher().publish(bench.messages(0..<3))
    let consumer = bench.consumer(prefetch: 1)
    try await consumer.connect()
    try await eventually(equals: QueueStatus(messageCount: 2, consumerCount: 1)) {
      try await bench.administration.status(ofQueue: bench.queue)
    }
  }

  @Test func gotMessagesAreKeptUntilSettled() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<4))
    let got = try await bench.administration.get(bench.queue, limit: 10)
    #expect(got.compactMap(\.messageID) == ["0", "1", "2", "3"])
    try await bench.administration.acknowledge([got[1].tag])
    try await bench.administration.requeue([got[0].tag, got[2].tag, got[3].tag])
    let again = try await bench.consumer().receive(3)
    #expect(Set(again.compactMap(\.messageID)) == ["0", "2", "3"])
  }

  @Test func unbindsPurgesAndDeletes() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<4))
    try await bench.administration.purge(queue: bench.queue)
    #expect(try await bench.administration.get(bench.queue, limit: 1).isEmpty)
    try await bench.administration.unbind(queue: bench.queue, exchange: bench.exchange, routingKey: "key.#")
    #expect(try await publishFailure { try await bench.publisher().publish([bench.message(1)]) } != nil)
    try await bench.administration.delete(queue: bench.queue)
    try await bench.administration.delete(queue: bench.queue)
    try await bench.administration.delete(exchange: bench.exchange)
    await bench.administration.close()
  }
}
