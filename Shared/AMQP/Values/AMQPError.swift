/// Why a call to the broker failed.
package struct AMQPError: Error, Sendable, Equatable {
  /// A stable name of the reason, for metrics and logs. New ones may come.
  package struct Code: RawRepresentable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let invalidConfiguration = Code(rawValue: "amqp.invalid_configuration")
    package static let connectFailed = Code(rawValue: "amqp.connect_failed")
    package static let tlsFailed = Code(rawValue: "amqp.tls_failed")
    package static let authenticationFailed = Code(rawValue: "amqp.authentication_failed")
    package static let virtualHostRefused = Code(rawValue: "amqp.virtual_host_refused")
    package static let accessRefused = Code(rawValue: "amqp.access_refused")
    package static let notFound = Code(rawValue: "amqp.not_found")
    package static let preconditionFailed = Code(rawValue: "amqp.precondition_failed")
    package static let resourceLocked = Code(rawValue: "amqp.resource_locked")
    package static let connectionForced = Code(rawValue: "amqp.connection_forced")
    package static let connectionLost = Code(rawValue: "amqp.connection_lost")
    package static let channelClosed = Code(rawValue: "amqp.channel_closed")
    package static let consumerCancelled = Code(rawValue: "amqp.consumer_cancelled")
    package static let blocked = Code(rawValue: "amqp.blocked")
    package static let timedOut = Code(rawValue: "amqp.timed_out")
    package static let invalidMessage = Code(rawValue: "amqp.invalid_message")
    package static let protocolViolation = Code(rawValue: "amqp.protocol_violation")
    package static let brokerRefused = Code(rawValue: "amqp.broker_refused")
    package static let cancelled = Code(rawValue: "amqp.cancelled")
    package static let closed = Code(rawValue: "amqp.closed")
  }

  package let code: Code
  /// What happened, for a log: it names no user, password or message content.
  package let detail: String
  /// The broker's reply code, such as 404, if the broker gave the reason.
  package let replyCode: UInt16?
  /// Whether the same call may succeed later without anybody changing it.
  package let isRetryable: Bool

  init(_ code: Code, _ detail: String, replyCode: UInt16? = nil, isRetryable: Bool? = nil) {
    self.code = code
    self.detail = detail
    self.replyCode = replyCode
    self.isRetryable = isRetryable ?? !Code.final.contains(code)
  }
}

extension AMQPError: CustomStringConvertible {
  package var description: String {
    if let replyCode { "\(code.rawValue): \(detail) (\(replyCode))" } else { "\(code.rawValue): \(detail)" }
  }
}

extension AMQPError.Code {
  /// The reasons that no repetition cures.
  static let final: Set<AMQPError.Code> = [
    .invalidConfiguration, .tlsFailed, .authenticationFailed, .virtualHostRefused, .accessRefused,
    .preconditionFailed, .invalidMessage, .brokerRefused, .cancelled, .closed,
  ]
}
