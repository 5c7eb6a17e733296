import CRabbitMQ

/// The properties and the body that follow a method such as `basic.deliver`.
struct Content {
  var headers = Headers()
  var contentType: String?
  var messageID: String?
  var type: String?
  var timestamp: UInt64?
  var body: [UInt8] = []

  init(_ properties: amqp_basic_properties_t) {
    if properties.has(AMQP_BASIC_HEADERS_FLAG) { headers = Headers(properties.headers) }
    if properties.has(AMQP_BASIC_CONTENT_TYPE_FLAG) { contentType = String(properties.content_type) }
    if properties.has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(properties.message_id) }
    if properties.has(AMQP_BASIC_TYPE_FLAG) { type = String(properties.type) }
    if properties.has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = properties.timestamp }
  }
}

extension Connection {
  /// How long the rest of a message that has begun may take, each frame.
  private static let frameTimeout = Duration.seconds(30)

  /// Reads the header frame and the body frames of one message.
  func readContent() throws(AMQPError) -> Content {
    let header = try expectFrame(AMQP_FRAME_HEADER).payload.properties
    guard let decoded = header.decoded else {
      throw AMQPError(.protocolViolation, "a header without properties")
    }
    var content = Content(decoded.load(as: amqp_basic_properties_t.self))
    while content.body.count < header.body_size {
      let fragment = try expectFrame(AMQP_FRAME_BODY).payload.body_fragment
      if content.body.isEmpty, header.body_size == fragment.len {
        content.body = [UInt8](fragment)
      } else {
        content.body += UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
      }
    }
    return content
  }

  private func expectFrame(_ type: Int32) throws(AMQPError) -> amqp_frame_t {
    let deadline = ContinuousClock.now + Self.frameTimeout
    repeat {
      guard let frame = try receive(within: Self.frameTimeout) else { continue }
      guard frame.frame_type == UInt8(type) else {
        throw AMQPError(.protocolViolation, "a frame of type \(frame.frame_type) instead of \(type)")
      }
      return frame
    } while ContinuousClock.now < deadline
    throw AMQPError(.timedOut, "the rest of a message did not come")
  }
}

extension amqp_basic_properties_t {
  fileprivate func has(_ flag: Int32) -> Bool { _flags & amqp_flags_t(flag) != 0 }
}
