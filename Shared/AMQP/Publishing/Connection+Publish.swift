import CRabbitMQ

extension Connection {
  /// Writes the message; whether the broker takes it is told later by a confirm.
  func publish(_ message: Message) throws(AMQPError) {
    arena.begin(byteCount: message.encodedByteCount)
    var properties = properties(of: message)
    let exchange = arena.copy(message.exchange)
    let routingKey = arena.copy(message.routingKey)
    let status = try table.encode(message.headers) { headers throws(AMQPError) in
      properties.headers = headers
      return message.body.withUnsafeBytes { body in
        let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
        return amqp_basic_publish(
          handle, Self.channel, exchange, routingKey, message.isMandatory ? 1 : 0, 0, &properties, bytes)
      }
    }
    try check(status: status)
  }

  private func properties(of message: Message) -> amqp_basic_properties_t {
    var properties = amqp_basic_properties_t()
    properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
    properties._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG)
    properties.set(message.contentType, AMQP_BASIC_CONTENT_TYPE_FLAG, arena) { $0.content_type = $1 }
    properties.set(message.messageID, AMQP_BASIC_MESSAGE_ID_FLAG, arena) { $0.message_id = $1 }
    properties.set(message.type, AMQP_BASIC_TYPE_FLAG, arena) { $0.type = $1 }
    if let timestamp = message.timestamp {
      properties.timestamp = timestamp
      properties._flags |= amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG)
    }
    return properties
  }
}

extension amqp_basic_properties_t {
  fileprivate mutating func set(
    _ text: String?, _ flag: Int32, _ arena: ByteArena, _ assign: (inout Self, amqp_bytes_t) -> Void
  ) {
    guard let text else { return }
    assign(&self, arena.copy(text))
    _flags |= amqp_flags_t(flag)
  }
}

extension Message {
  /// The bytes of everything but the body.
  fileprivate var encodedByteCount: Int {
    exchange.utf8.count + routingKey.utf8.count + (contentType?.utf8.count ?? 0)
      + (messageID?.utf8.count ?? 0)
      + (type?.utf8.count ?? 0) + FieldTable.byteCount(headers)
  }

  /// Why the message cannot be sent with frames of that size; nil if it can.
  ///
  /// It is asked before anything is sent: a message that fails half-way ends the connection of all others.
  func flaw(frameMax: Int) -> String? {
    for text in [exchange, routingKey, contentType ?? "", messageID ?? "", type ?? ""]
    where text.utf8.count > 255 {
      return "a name is longer than 255 bytes"
    }
    for (name, value) in headers {
      if name.utf8.count > 128 { return "a header's name is longer than 128 bytes" }
      switch value {
      case .array, .table: return "the header \(name) is a nested value, which is not sent"
      case .string, .int64, .bool, .double, .bytes, .timestamp, .void: continue
      }
    }
    let propertiesSize = encodedByteCount + headers.count * 16 + 64
    return propertiesSize > frameMax ? "the headers do not fit into one frame" : nil
  }
}
