import AMQP
import Testing

@Suite struct PublisherTests {
  @Test func confirmsTenThousandMessages() async throws {
    let bench = try await Workbench()
    let publisher = bench.publisher()
    try await publisher.publish(bench.messages(0..<10_000))
    let consumer = bench.consumer(prefetch: 2_000)
    var ids: Set<String> = []
    while ids.count < 10_000 {
      let batch = try await consumer.next(limit: 1_000, wait: .seconds(10))
      try #require(!batch.isEmpty)
      ids.formUnion(batch.compactMap(\.messageID))
      try await consumer.acknowledge(batch.map(\.tag))
    }
    #expect(try await consumer.next(limit: 1, wait: .milliseconds(200)).isEmpty)
    await consumer.close()
    await publisher.close()
  }

  @Test func anUnroutableMandatoryMessageFailsThoughItIsAcked() async throws {
    let bench = try await Workbench()
    let publisher = bench.publisher()
    var messages = bench.messages(0..<50)
    for position in [3, 17, 18] { messages[position].routingKey = "nowhere" }
    messages[20].routingKey = "nowhere"
    messages[20].isMandatory = false
    let failure = try #require(await publishFailure { try await publisher.publish(messages) })
    #expect(failure.cause == nil)
    #expect(Set(failure.failures.keys) == [3, 17, 18])
    #expect(failure.failures[3] == .returned(replyCode: 312, replyText: "NO_ROUTE"))
    try await publisher.publish(bench.messages(50..<60))
    let consumer = bench.consumer()
    #expect(try await consumer.receive(56).count == 56)
  }

  @Test func allOfALargeBatchMayBeReturned() async throws {
    let bench = try await Workbench()
    let messages = (0..<2_500).map { bench.message($0, routingKey: "nowhere") }
    let failure = try #require(await publishFailure { try await bench.publisher().publish(messages) })
    #expect(failure.failures.count == 2_500)
  }

  @Test func aMessageThatCannotBeSentHoldsUpNoOther() async throws {
    let bench = try await Workbench()
    var messages = bench.messages(0..<3)
    messages[1].routingKey = String(repeating: "x", count: 256)
    let failure = try #require(await publishFailure { try await bench.publisher().publish(messages) })
    #expect(failure.failures == [1: .invalid("a name is longer than 255 bytes")])
    #expect(try await bench.consumer().receive(2).map(\.messageID) == ["0", "2"])
  }

  @Test func aMissingExchangeIsNotFoundAndTheNextPublishConnectsAgain() async throws {
    let bench = try await Workbench()
    let publisher = bench.publisher()
    var lost = bench.message(1)
    lost.exchange = "missing"
    let failure = try #require(await publishFailure { try await publisher.publish([lost]) })
    #expect(failure.failures == [0: .unknown])
    #expect(failure.cause?.code == .notFound)
    #expect(failure.cause?.replyCode == 404)
    #expect(failure.isRetryable)
    try await publisher.publish([bench.message(2)])
  }

  @Test func aFullQueueRefusesWithNacks() async throws {
    let bench = try await Workbench(arguments: [
      "x-queue-type": .string("classic"), "x-max-length": .int64(1), "x-overflow": .string("reject-publish"),
    ])
    let failure = try #require(
      await publishFailure { try await bench.publisher().publish(bench.messages(0..<3)) })
    #expect(failure.failures == [1: .nacked, 2: .nacked])
  }

  @Test func aWrongPasswordIsFinal() async throws {
    let bench = try await Workbench()
    let wrong = "amqp://administrator:wrong@\(bench.configuration.host):\(bench.configuration.port)/x"
    let publisher = Publisher(try AMQPConfiguration(url: wrong), logger: Workbench.logger)
    let failure = try #require(await publishFailure { try await publisher.publish([bench.message(1)]) })
    #expect(failure.failures == [0: .notSent])
    #expect(failure.cause?.code == .authenticationFailed)
    #expect(failure.cause?.replyCode == 403)
    #expect(!failure.isRetryable)
    #expect(!"\(failure)".contains("wrong"))
  }

  @Test func nobodyListeningIsRetryable() async throws {
    let publisher = Publisher(try AMQPConfiguration(url: "amqp://127.0.0.1:1/x"), logger: Workbench.logger)
    let error = try #require(await amqpError { try await publisher.connect() })
    #expect(error.code == .connectFailed)
    #expect(error.isRetryable)
  }

  @Test func anUnknownVirtualHostIsFinal() async throws {
    let bench = try await Workbench()
    var configuration = bench.configuration
    configuration.virtualHost = "missing"
    let error = try #require(
      await amqpError { try await Publisher(configuration, logger: Workbench.logger).connect() })
    #expect(error.code == .virtualHostRefused)
    #expect(!error.isRetryable)
  }
}
