import CRabbitMQ

extension Connection {
  func apply(_ declarations: [Declaration]) throws(AMQPError) {
    for declaration in declarations { try apply(declaration) }
  }

  private func apply(_ declaration: Declaration) throws(AMQPError) {
    switch declaration {
    case .exchange(let name, let type):
      arena.begin(byteCount: name.utf8.count + type.utf8.count)
      amqp_exchange_declare(
        handle, Self.channel, arena.copy(name), arena.copy(type), 0, 1, 0, 0, amqp_empty_table)
    case .queue(let name, let arguments):
      _ = try declareQueue(name, arguments: arguments, isPassive: false)
    case .binding(let queue, let exchange, let routingKey):
      arena.begin(byteCount: queue.utf8.count + exchange.utf8.count + routingKey.utf8.count)
      amqp_queue_bind(
        handle, Self.channel, arena.copy(queue), arena.copy(exchange), arena.copy(routingKey),
        amqp_empty_table)
    }
    try checkReply()
    releaseFrames()
  }

  func declareQueue(
    _ name: String, arguments: [String: HeaderValue], isPassive: Bool
  ) throws(AMQPError) -> QueueStatus {
    let fields = arguments.map { ($0.key, $0.value) }
    arena.begin(byteCount: name.utf8.count + FieldTable.byteCount(fields))
    let queue = arena.copy(name)
    let status = try table.encode(fields) { table throws(AMQPError) in
      amqp_queue_declare(handle, Self.channel, queue, isPassive ? 1 : 0, 1, 0, 0, table).map {
        QueueStatus(
          messageCount: Int($0.pointee.message_count), consumerCount: Int($0.pointee.consumer_count))
      }
    }
    try checkReply()
    releaseFrames()
    guard let status else { throw AMQPError(.protocolViolation, "no answer to the declaration of a queue") }
    return status
  }
}
