import AMQP
import Testing

@Suite struct ContentTests {
  @Test func propertiesAndHeadersArriveAsSent() async throws {
    let bench = try await Workbench()
    var message = bench.message(1)
    message.headers = [
      ("ce-id", .string("Grüße 👋")), ("größe", .int64(-42)), ("flag", .bool(true)), ("half", .double(0.5)),
      ("raw", .bytes([0, 255, 7])), ("at", .timestamp(1_900_000_000)), ("nothing", .void),
      ("empty", .string("")),
    ]
    message.contentType = "application/protobuf"
    message.type = "vestibule.request.submitted"
    message.timestamp = 1_900_000_001
    try await bench.publisher().publish([message])
    let delivery = try #require(await bench.consumer().receive(1).first)
    #expect(delivery.headers.entries.count == message.headers.count)
    for (name, value) in message.headers { #expect(delivery.headers[name] == value) }
    #expect(delivery.headers.string("ce-id") == "Grüße 👋")
    #expect(delivery.headers.integer("größe") == -42)
    #expect(delivery.contentType == message.contentType)
    #expect(delivery.type == message.type)
    #expect(delivery.timestamp == message.timestamp)
    #expect(delivery.messageID == "1")
    #expect(delivery.exchange == bench.exchange)
    #expect(delivery.routingKey == "key.a")
    #expect(delivery.deliveryCount == 0)
    #expect(!delivery.isRedelivered)
  }

  @Test(arguments: [0, 1, 4_000, 4_096, 300_000, 5_000_000])
  func bodiesOfEverySizeArrive(byteCount: Int) async throws {
    let bench = try await Workbench { $0.frameMax = 4_096 }
    var message = bench.message(1)
    message.body = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try await bench.publisher().publish([message, message])
    let deliveries = try await bench.consumer().receive(2)
    #expect(deliveries.map(\.body) == [message.body, message.body])
  }

  @Test func aNestedHeaderIsNotSent() async throws {
    let bench = try await Workbench()
    var message = bench.message(1)
    message.headers = [("list", .array([]))]
    let failure = try #require(await publishFailure { try await bench.publisher().publish([message]) })
    #expect(failure.failures == [0: .invalid("the header list is a nested value, which is not sent")])
  }
}
