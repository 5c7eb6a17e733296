import CRabbitMQ

extension AMQPError {
  /// The error for one of the library's negative status codes.
  init(status: Int32) {
    self.init(Code(status: status), String(cString: amqp_error_string2(status)))
  }

  /// The error that the broker gave when it closed the channel or the connection.
  init(replyCode: UInt16, replyText: amqp_bytes_t) {
    self.init(Code(replyCode: replyCode), String(replyText), replyCode: replyCode)
  }

  /// The error of a failed remote call.
  init(reply: amqp_rpc_reply_t) {
    guard reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION else {
      self.init(status: reply.library_error)
      return
    }
    self.init(closing: reply.reply)
  }

  /// The error in a `connection.close` or a `channel.close`.
  init(closing method: amqp_method_t) {
    switch method.id {
    case crabbitmq_connection_close:
      let close = method.decoded.load(as: amqp_connection_close_t.self)
      self.init(replyCode: close.reply_code, replyText: close.reply_text)
    case crabbitmq_channel_close:
      let close = method.decoded.load(as: amqp_channel_close_t.self)
      self.init(replyCode: close.reply_code, replyText: close.reply_text)
    default:
      self.init(.protocolViolation, "unexpected method \(method.id)")
    }
  }
}

extension AMQPError.Code {
  init(status: Int32) {
    self =
      switch amqp_status_enum(status) {
      case AMQP_STATUS_SSL_ERROR, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED, AMQP_STATUS_SSL_PEER_VERIFY_FAILED,
        AMQP_STATUS_SSL_CONNECTION_FAILED:
        .tlsFailed
      case AMQP_STATUS_TIMEOUT: .timedOut
      case AMQP_STATUS_TABLE_TOO_BIG, AMQP_STATUS_INVALID_PARAMETER: .invalidMessage
      case AMQP_STATUS_BAD_AMQP_DATA, AMQP_STATUS_UNKNOWN_CLASS, AMQP_STATUS_UNKNOWN_METHOD,
        AMQP_STATUS_WRONG_METHOD, AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, AMQP_STATUS_UNEXPECTED_STATE:
        .protocolViolation
      case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD: .authenticationFailed
      default: .connectionLost
      }
  }

  init(replyCode: UInt16) {
    self =
      switch Int32(replyCode) {
      case AMQP_CONNECTION_FORCED: .connectionForced
      case AMQP_ACCESS_REFUSED: .accessRefused
      case AMQP_NOT_FOUND: .notFound
      case AMQP_RESOURCE_LOCKED: .resourceLocked
      case AMQP_PRECONDITION_FAILED: .preconditionFailed
      case AMQP_NOT_ALLOWED: .virtualHostRefused
      case AMQP_INTERNAL_ERROR: .connectionLost
      default: .brokerRefused
      }
  }
}
