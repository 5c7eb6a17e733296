import CRabbitMQ

extension Connection {
  /// The next message that the broker has pushed, or nil if none came in time.
  func nextDelivery(within timeout: Duration, generation: UInt64) throws(AMQPError) -> Delivery? {
    guard let frame = try receive(within: timeout) else { return nil }
    guard frame.frame_type == UInt8(AMQP_FRAME_METHOD), frame.payload.method.id == crabbitmq_basic_deliver,
      let decoded = frame.payload.method.decoded
    else { throw AMQPError(.protocolViolation, "a frame that begins no delivery") }
    let method = decoded.load(as: amqp_basic_deliver_t.self)
    defer { releaseFrames() }
    return Delivery(
      tag: DeliveryTag(generation: generation, number: method.delivery_tag),
      exchange: String(method.exchange),
      routingKey: String(method.routing_key), isRedelivered: method.redelivered != 0,
      content: try readContent())
  }

  /// Fetches one message of a queue, or nil if it has none ready.
  func get(_ queue: String, generation: UInt64) throws(AMQPError) -> Delivery? {
    arena.begin(byteCount: queue.utf8.count)
    let reply = amqp_basic_get(handle, Self.channel, arena.copy(queue), 0)
    guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw AMQPError(reply: reply) }
    defer { releaseFrames() }
    guard reply.reply.id != crabbitmq_basic_get_empty, let decoded = reply.reply.decoded else { return nil }
    let method = decoded.load(as: amqp_basic_get_ok_t.self)
    return Delivery(
      tag: DeliveryTag(generation: generation, number: method.delivery_tag),
      exchange: String(method.exchange),
      routingKey: String(method.routing_key), isRedelivered: method.redelivered != 0,
      content: try readContent())
  }

  func acknowledge(_ number: UInt64, isMultiple: Bool) throws(AMQPError) {
    try check(status: amqp_basic_ack(handle, Self.channel, number, isMultiple ? 1 : 0))
  }

  func reject(_ number: UInt64, requeues: Bool) throws(AMQPError) {
    try check(status: amqp_basic_reject(handle, Self.channel, number, requeues ? 1 : 0))
  }

  /// Asks the broker to push at most `prefetch` unsettled messages of the queue.
  func consume(_ queue: String, consumer: String, prefetch: UInt16) throws(AMQPError) {
    amqp_basic_qos(handle, Self.channel, 0, prefetch, 0)
    try checkReply()
    arena.begin(byteCount: queue.utf8.count + consumer.utf8.count)
    amqp_basic_consume(
      handle, Self.channel, arena.copy(queue), arena.copy(consumer), 0, 0, 0, amqp_empty_table)
    try checkReply()
  }

  /// Ends the pushing. What was pushed before is still read and settled as usual.
  func cancel(consumer: String) throws(AMQPError) {
    arena.begin(byteCount: consumer.utf8.count)
    amqp_basic_cancel(handle, Self.channel, arena.copy(consumer))
    try checkReply()
  }
}

extension Delivery {
  fileprivate init(
    tag: DeliveryTag, exchange: String, routingKey: String, isRedelivered: Bool, content: Content
  ) {
    self.init(
      tag: tag, exchange: exchange, routingKey: routingKey, isRedelivered: isRedelivered,
      headers: content.headers,
      contentType: content.contentType, messageID: content.messageID, type: content.type,
      timestamp: content.timestamp, body: content.body)
  }
}
