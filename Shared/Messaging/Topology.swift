package import AMQP

/// The exchange, queues and bindings, declared by one command before services start: services' own broker users
/// may not configure.
package enum Topology {
  package static let exchange = "vestibule.events"

  /// A consumer's death counts as a delivery for every message that it held, so this is for crash loops alone.
  private static let deliveryLimit: Int64 = 100
  /// Looking at dead letters counts as delivering them, and brokers from 4.0 on drop what was delivered 20 times.
  private static let deadLetterDeliveryLimit: Int64 = 1_000_000_000

  package static var declarations: [Declaration] {
    [.exchange(exchange, type: "topic")]
      + ServiceName.allCases.flatMap { service in
        [
          .queue(
            service.deadLetterQueue,
            arguments: [
              "x-queue-type": .string("quorum"), "x-delivery-limit": .int64(deadLetterDeliveryLimit),
            ]),
          .queue(service.queue, arguments: arguments(of: service)),
        ]
      }
      + EventType.allCases.flatMap { type in
        type.readers.map { .binding(queue: $0.queue, exchange: exchange, routingKey: type.rawValue) }
      }
  }

  private static func arguments(of service: ServiceName) -> [String: HeaderValue] {
    [
      "x-queue-type": .string("quorum"),
      "x-delivery-limit": .int64(deliveryLimit),
      "x-dead-letter-exchange": .string(""),
      "x-dead-letter-routing-key": .string(service.deadLetterQueue),
      "x-dead-letter-strategy": .string("at-least-once"),
      "x-overflow": .string("reject-publish"),
    ]
  }
}
