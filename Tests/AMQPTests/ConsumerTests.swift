import AMQP
import Testing
import TestSupport

@Suite struct ConsumerTests {
  @Test func nextReturnsWhatIsThereAndNothingAfterTheWait() async throws {
    let bench = try await Workbench()
    let consumer = bench.consumer()
    let start = ContinuousClock.now
    #expect(try await consumer.next(limit: 10, wait: .milliseconds(250)).isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(250))
    try await bench.publisher().publish(bench.messages(0..<5))
    #expect(try await consumer.receive(5).map(\.messageID) == ["0", "1", "2", "3", "4"])
  }

  @Test func nextHonoursTheLimit() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<20))
    let consumer = bench.consumer()
    var sizes: [Int] = []
    while sizes.reduce(0, +) < 20 {
      sizes.append(try await consumer.next(limit: 7, wait: .seconds(10)).count)
    }
    #expect(sizes.allSatisfy { (1...7).contains($0) })
  }

  @Test func cancellationEndsTheWait() async throws {
    let consumer = try await Workbench().consumer()
    try await consumer.connect()
    let waiting = Task { try await consumer.next(limit: 1, wait: .seconds(60)) }
    let start = ContinuousClock.now
    waiting.cancel()
    #expect(try await waiting.value.isEmpty)
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test func thePrefetchChangesMidStreamWithoutLoss() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<300))
    let consumer = bench.consumer(prefetch: 5)
    let first = try await consumer.receive(5)
    #expect(try await consumer.next(limit: 100, wait: .milliseconds(300)).isEmpty)
    try await consumer.setPrefetch(50)
    let second = try await consumer.receive(50)
    #expect(second.count == 50)
    try await consumer.acknowledge(first.map(\.tag))
    try await consumer.acknowledge(second.map(\.tag))
    try await consumer.setPrefetch(7)
    var ids = (first + second).compactMap(\.messageID)
    while ids.count < 300 {
      let batch = try await consumer.next(limit: 100, wait: .seconds(10))
      try #require(!batch.isEmpty)
      ids += batch.compactMap(\.messageID)
      try await consumer.acknowledge(batch.map(\.tag))
    }
    #expect(Set(ids).count == 300)
    await consumer.close()
    try await eventually(equals: 0) {
      try await bench.administration.status(ofQueue: bench.queue).messageCount
    }
  }

  @Test func acknowledgingUpToATagSettlesAllBefore() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<10))
    let consumer = bench.consumer()
    let deliveries = try await consumer.receive(10)
    #expect(try await consumer.acknowledge(upTo: deliveries[5].tag))
    await consumer.close()
    let rest = try await bench.consumer().receive(4)
    #expect(rest.compactMap(\.messageID) == ["6", "7", "8", "9"])
    #expect(rest.allSatisfy { $0.isRedelivered && $0.deliveryCount == 1 })
  }

  @Test func aTagSettlesOnceInAnyOrder() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<6))
    let consumer = bench.consumer()
    let tags = try await consumer.receive(6).map(\.tag)
    try await consumer.acknowledge([tags[3], tags[1]])
    try await consumer.acknowledge([tags[1], tags[0]])
    try await consumer.acknowledge([tags[2], tags[3], tags[5]])
    try await consumer.acknowledge(upTo: tags[3])
    try await consumer.acknowledge(tags.filter { $0 != tags[4] })
    await consumer.close()
    let second = bench.consumer()
    let rest = try await second.receive(1)
    #expect(rest.map(\.messageID) == ["4"])
    try await second.acknowledge(rest.map(\.tag))
    try await eventually(equals: 0) {
      try await bench.administration.status(ofQueue: bench.queue).messageCount
    }
    await second.close()
  }

  @Test func theDeliveryLimitSendsToTheDeadLetterQueue() async throws {
    let dead = "dead-letters"
    let bench = try await Workbench(arguments: [
      "x-delivery-limit": .int64(2), "x-dead-letter-exchange": .string(""),
      "x-dead-letter-routing-key": .string(dead), "x-dead-letter-strategy": .string("at-least-once"),
      "x-overflow": .string("reject-publish"),
    ])
    try await bench.administration.declare([.queue(dead, arguments: ["x-queue-type": .string("quorum")])])
    try await bench.publisher().publish([bench.message(1)])
    let consumer = bench.consumer()
    for count in 0...2 {
      let delivery = try #require(await consumer.receive(1).first)
      #expect(delivery.deliveryCount == count)
      try await consumer.requeue([delivery.tag])
    }
    let letter = try #require(await bench.consumer(queue: dead).receive(1).first)
    #expect(letter.messageID == "1")
    #expect(letter.headers.string("x-first-death-reason") == "delivery_limit")
    guard case .array(let deaths) = letter.headers["x-death"], case .table(let death) = deaths.first else {
      Issue.record("no x-death")
      return
    }
    #expect(death["queue"] == .string(bench.queue))
  }

  @Test func aRejectedMessageDoesNotComeBack() async throws {
    let bench = try await Workbench()
    try await bench.publisher().publish(bench.messages(0..<2))
    let consumer = bench.consumer()
    let deliveries = try await consumer.receive(2)
    #expect(try await consumer.reject(deliveries[0].tag))
    await consumer.close()
    #expect(try await bench.consumer().receive(1).map(\.messageID) == ["1"])
  }

  @Test func aMissingQueueIsRetryableAndFoundLater() async throws {
    let bench = try await Workbench()
    let consumer = bench.consumer(queue: "later")
    let error = try #require(
      await amqpError { _ = try await consumer.next(limit: 1, wait: .milliseconds(100)) })
    #expect(error.code == .notFound)
    #expect(error.replyCode == 404)
    #expect(error.isRetryable)
    try await bench.administration.declare([.queue("later")])
    #expect(try await consumer.next(limit: 1, wait: .milliseconds(100)).isEmpty)
  }

  @Test func aDeletedQueueCancelsTheConsumer() async throws {
    let bench = try await Workbench()
    let consumer = bench.consumer()
    try await consumer.connect()
    try await bench.administration.delete(queue: bench.queue)
    let error = try #require(await amqpError { _ = try await consumer.next(limit: 1, wait: .seconds(10)) })
    #expect(error.code == .consumerCancelled)
    #expect(error.isRetryable)
  }

  @Test func declarationsAreAppliedOnConnect() async throws {
    let bench = try await Workbench()
    let consumer = Consumer(
      bench.configuration, queue: "own", prefetch: 1,
      declarations: [.queue("own"), .binding(queue: "own", exchange: bench.exchange, routingKey: "key.b")],
      logger: Workbench.logger)
    try await consumer.connect()
    try await bench.publisher().publish([bench.message(1, routingKey: "key.b")])
    #expect(try await consumer.receive(1).count == 1)
  }

  @Test func aClosedConsumerStaysClosed() async throws {
    let consumer = try await Workbench().consumer()
    await consumer.close()
    let error = try #require(await amqpError { _ = try await consumer.next(limit: 1, wait: .seconds(1)) })
    #expect(error.code == .closed)
    #expect(!error.isRetryable)
  }
}
