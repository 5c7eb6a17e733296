/// Which messages of a batch the broker has not taken. A message without an entry is confirmed.
package struct PublishFailure: Error, Sendable {
  package enum Reason: Sendable, Equatable {
    /// No queue took the mandatory message, for the broker's reason.
    case returned(replyCode: UInt16, replyText: String)
    /// The broker refused the message, such as a full queue does.
    case nacked
    /// The connection ended before the confirm: the broker may or may not have the message.
    case unknown
    /// The message cannot be sent as it is, for that reason; it was not.
    case invalid(String)
    /// The message was never sent.
    case notSent
  }

  /// The reason by the message's position in the batch.
  package let failures: [Int: Reason]
  /// What ended the call, unless every message got its answer.
  package let cause: AMQPError?

  /// Whether the same messages may succeed later without anybody changing them.
  package var isRetryable: Bool { cause?.isRetryable ?? true }
}

extension PublishFailure: CustomStringConvertible {
  package var description: String {
    "\(failures.count) messages not confirmed" + (cause.map { ": \($0)" } ?? "")
  }
}
