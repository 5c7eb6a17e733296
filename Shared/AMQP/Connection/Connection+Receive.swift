import CRabbitMQ

extension Connection {
  /// The channel's next frame, or nil after the time given or after a frame about the connection itself.
  ///
  /// Waiting here is also what keeps the heartbeats going. A frame's memory lasts until `releaseFrames`.
  func receive(within timeout: Duration) throws(AMQPError) -> amqp_frame_t? {
    var frame = amqp_frame_t()
    let status = crabbitmq_wait_frame(handle, &frame, timeout.microseconds)
    guard status != AMQP_STATUS_TIMEOUT.rawValue else { return nil }
    try check(status: status)
    guard frame.channel != 0 else {
      try receiveConnectionFrame(frame)
      return nil
    }
    if frame.frame_type == UInt8(AMQP_FRAME_METHOD) { try checkOpen(frame.payload.method) }
    return frame
  }

  /// Gives the memory of the frames read so far back, once nothing of them is needed.
  func releaseFrames() {
    amqp_maybe_release_buffers_on_channel(handle, Self.channel)
  }

  private func receiveConnectionFrame(_ frame: amqp_frame_t) throws(AMQPError) {
    guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { return }
    let method = frame.payload.method
    switch method.id {
    case crabbitmq_connection_blocked:
      blockade.begin(reason: String(method.decoded.load(as: amqp_connection_blocked_t.self).reason))
    case crabbitmq_connection_unblocked:
      blockade.end()
    case crabbitmq_connection_close:
      let error = AMQPError(closing: method)
      var answer = amqp_connection_close_ok_t()
      amqp_send_method(handle, 0, crabbitmq_connection_close_ok, &answer)
      throw error
    default:
      throw AMQPError(.protocolViolation, "unexpected method \(method.id) about the connection")
    }
    amqp_maybe_release_buffers_on_channel(handle, 0)
  }

  private func checkOpen(_ method: amqp_method_t) throws(AMQPError) {
    switch method.id {
    case crabbitmq_channel_close:
      let error = AMQPError(closing: method)
      guard error.code == .preconditionFailed else { throw error }
      // Outside a remote call the broker ends a channel for its state, an overdue ack for one: a new channel is fine.
      throw AMQPError(.channelClosed, error.detail, replyCode: error.replyCode)
    case crabbitmq_basic_cancel:
      throw AMQPError(.consumerCancelled, "the broker ended the consumer: its queue is gone or has moved")
    default: return
    }
  }
}
