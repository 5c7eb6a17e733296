import BlockingExecutor
import CRabbitMQ
package import Logging

/// Publishes batches and waits until the broker has taken responsibility for every message.
///
/// It never repeats a message by itself: whoever keeps the messages knows better.
package actor Publisher {
  /// So many messages, or bytes at one go, may be on their way unconfirmed. A broker that stops reading must not
  /// fill the socket: the library would wait in its write for as long as that lasts.
  private static let window = (messages: 1_000, bytes: 1_048_576)
  /// How long one wait holds the thread before cancellation is looked at.
  private static let slice = Duration.milliseconds(100)

  private nonisolated let executor = BlockingExecutor(label: "vestibule.amqp.publisher")
  private nonisolated let blockade: Blockade
  private let link: Link
  private let declarations: [Declaration]
  private var heartbeat = Heartbeat()
  /// The broker's number of the next message on this connection.
  private var nextNumber: UInt64 = 1

  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Whether the broker takes no messages at present for want of memory or disk.
  package nonisolated var isBlocked: Bool { blockade.reason != nil }

  /// Connects on first use.
  /// - Parameter declarations: applied after every connect; needs the right to configure.
  package init(_ configuration: AMQPConfiguration, declarations: [Declaration] = [], logger: Logger) {
    let link = Link(configuration, logger: logger)
    blockade = link.blockade
    self.link = link
    self.declarations = declarations
  }

  deinit {
    heartbeat.stop()
  }

  /// Publishes all messages and returns when the broker has confirmed every one.
  package func publish(_ messages: [Message]) async throws(PublishFailure) {
    var ledger = ConfirmLedger(messages)
    do throws(AMQPError) {
      guard !messages.isEmpty else { return }
      try await connect()
      try waitUntilUnblocked()
      try send(messages, &ledger)
    } catch {
      throw ledger.failure(cause: error) ?? PublishFailure(failures: [:], cause: error)
    }
    if let failure = ledger.failure(cause: nil) { throw failure }
  }

  /// Connects now instead of on first use: for a readiness check.
  package func connect() async throws(AMQPError) {
    _ = try await link.ready { connection throws(AMQPError) in
      try connection.apply(declarations)
      amqp_confirm_select(connection.handle, Connection.channel)
      try connection.checkReply()
      nextNumber = 1
    }
    heartbeat.start(every: link.configuration.heartbeat) { [weak self] in await self?.beat() ?? false }
  }

  /// Closes the connection for good.
  package func close() {
    heartbeat.stop()
    link.close()
  }

  private func beat() -> Bool {
    guard let connection = link.connection else { return true }
    do throws(AMQPError) {
      try link.use(connection) { connection throws(AMQPError) in try connection.discard(within: .zero) }
    } catch {
      // The link has logged it; the next publish connects again.
    }
    return true
  }

  private func waitUntilUnblocked() throws(AMQPError) {
    let deadline = ContinuousClock.now + link.configuration.blockedTimeout
    var timeout = Duration.zero
    repeat {
      guard let connection = link.connection else { throw AMQPError(.connectionLost, "the connection ended") }
      try link.use(connection) { connection throws(AMQPError) in try connection.discard(within: timeout) }
      guard let reason = blockade.reason else { return }
      guard !Task.isCancelled else {
        throw AMQPError(.cancelled, "cancelled while the broker blocks publishing")
      }
      guard ContinuousClock.now < deadline else { throw AMQPError(.blocked, reason) }
      timeout = Self.slice
    } while true
  }

  private func send(_ messages: [Message], _ ledger: inout ConfirmLedger) throws(AMQPError) {
    guard let connection = link.connection else { throw AMQPError(.connectionLost, "the connection ended") }
    ledger.begin(firstNumber: nextNumber)
    try link.use(connection) { connection throws(AMQPError) in
      var position = 0
      while position < messages.count {
        try connection.corked { () throws(AMQPError) in
          try fillWindow(connection, messages, &position, &ledger)
        }
        try awaitConfirms(
          connection, &ledger, atMost: position < messages.count ? Self.window.messages / 2 : 0)
      }
    }
    link.succeeded()
  }

  private func fillWindow(
    _ connection: Connection, _ messages: [Message], _ position: inout Int, _ ledger: inout ConfirmLedger
  ) throws(AMQPError) {
    var byteCount = 0
    while position < messages.count, ledger.pendingCount < Self.window.messages, byteCount < Self.window.bytes
    {
      let message = messages[position]
      if let flaw = message.flaw(frameMax: link.configuration.frameMax) {
        ledger.refuse(position, flaw: flaw)
      } else {
        ledger.send(position)
        nextNumber += 1
        byteCount += message.body.count
        try connection.publish(message)
      }
      position += 1
    }
  }

  private func awaitConfirms(
    _ connection: Connection, _ ledger: inout ConfirmLedger, atMost limit: Int
  ) throws(AMQPError) {
    let start = ContinuousClock.now
    while ledger.pendingCount > limit {
      if let frame = try connection.receive(within: Self.slice) {
        try connection.settle(frame, &ledger)
        connection.releaseFrames()
      } else {
        try checkPatience(since: start)
      }
    }
  }

  private func checkPatience(since start: ContinuousClock.Instant) throws(AMQPError) {
    let waited = ContinuousClock.now - start
    if let reason = blockade.reason, waited > link.configuration.blockedTimeout {
      throw AMQPError(.blocked, reason)
    }
    if waited > link.configuration.replyTimeout { throw AMQPError(.timedOut, "the broker did not confirm") }
  }
}

extension Connection {
  /// Reads what has come for messages that nobody waits for any more.
  fileprivate func discard(within timeout: Duration) throws(AMQPError) {
    var nobody = ConfirmLedger([])
    var patience = timeout
    while let frame = try receive(within: patience) {
      try settle(frame, &nobody)
      releaseFrames()
      patience = .zero
    }
  }

  /// Notes what the frame says about published messages.
  fileprivate func settle(_ frame: amqp_frame_t, _ ledger: inout ConfirmLedger) throws(AMQPError) {
    guard frame.frame_type == UInt8(AMQP_FRAME_METHOD), let decoded = frame.payload.method.decoded else {
      throw AMQPError(.protocolViolation, "a frame of type \(frame.frame_type) instead of a confirm")
    }
    switch frame.payload.method.id {
    case crabbitmq_basic_ack:
      let ack = decoded.load(as: amqp_basic_ack_t.self)
      ledger.settle(number: ack.delivery_tag, isMultiple: ack.multiple != 0, isTaken: true)
    case crabbitmq_basic_nack:
      let nack = decoded.load(as: amqp_basic_nack_t.self)
      ledger.settle(number: nack.delivery_tag, isMultiple: nack.multiple != 0, isTaken: false)
    case crabbitmq_basic_return:
      let method = decoded.load(as: amqp_basic_return_t.self)
      ledger.giveBack(
        exchange: String(method.exchange), routingKey: String(method.routing_key), content: try readContent(),
        replyCode: method.reply_code, replyText: String(method.reply_text))
    default:
      throw AMQPError(.protocolViolation, "unexpected method \(frame.payload.method.id) while publishing")
    }
  }
}
