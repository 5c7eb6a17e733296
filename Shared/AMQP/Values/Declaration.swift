/// One piece of the broker's topology: declaring what already exists the same way changes nothing.
package enum Declaration: Sendable, Equatable {
  /// A durable exchange; `type` is `topic`, `direct`, `fanout` or `headers`.
  case exchange(String, type: String = "topic")
  /// A durable queue with arguments such as `x-queue-type`.
  case queue(String, arguments: [String: HeaderValue] = [:])
  case binding(queue: String, exchange: String, routingKey: String)
}

/// What the broker says about a queue.
package struct QueueStatus: Sendable, Equatable {
  /// Messages ready for delivery; a quorum queue reads low for a moment after its broker's restart.
  package let messageCount: Int
  package let consumerCount: Int

  package init(messageCount: Int, consumerCount: Int) {
    (self.messageCount, self.consumerCount) = (messageCount, consumerCount)
  }
}
