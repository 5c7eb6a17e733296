/// What names a delivery to the broker. It is worth something only on the connection it came from.
package struct DeliveryTag: Sendable, Hashable {
  /// Counts the connections of one consumer.
  let generation: UInt64
  /// The broker's number of the delivery on its channel, from 1 on.
  let number: UInt64
}

/// A message received from a queue. It stays the broker's until it is acknowledged or rejected.
package struct Delivery: Sendable {
  package let tag: DeliveryTag
  package let exchange: String
  package let routingKey: String
  /// Whether the broker has delivered the message before, as far as it knows.
  package let isRedelivered: Bool
  package let headers: Headers
  package let contentType: String?
  package let messageID: String?
  package let type: String?
  /// Whole seconds since 1970-01-01T00:00:00Z.
  package let timestamp: UInt64?
  package let body: [UInt8]

  /// How often a quorum queue has delivered the message before; 0 the first time and for other queues.
  package var deliveryCount: Int { Int(clamping: headers.integer("x-delivery-count") ?? 0) }
}
