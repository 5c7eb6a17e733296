import CRabbitMQ

/// One connection with one channel, over the library's handle. It belongs to one actor.
///
/// After an error the connection is used no more: the protocol's state is unknown.
final class Connection {
  static let channel: amqp_channel_t = 1

  let handle: amqp_connection_state_t
  let arena = ByteArena()
  let table: FieldTable
  let blockade: Blockade

  /// Connects, logs in and opens the channel. Blocks for as long as the configuration allows.
  init(_ configuration: AMQPConfiguration, blockade: Blockade) throws(AMQPError) {
    guard let handle = amqp_new_connection() else { throw AMQPError(status: AMQP_STATUS_NO_MEMORY.rawValue) }
    self.handle = handle
    self.blockade = blockade
    table = FieldTable(arena: arena)
    try openSocket(configuration)
    try logIn(configuration)
    amqp_channel_open(handle, Self.channel)
    try checkReply()
  }

  deinit {
    blockade.end()
    amqp_destroy_connection(handle)
  }

  /// Says goodbye to the broker, which then requeues at once what was not acknowledged.
  func close() {
    crabbitmq_set_reply_timeout(handle, Duration.seconds(1).microseconds)
    amqp_connection_close(handle, Int32(AMQP_REPLY_SUCCESS))
  }

  /// Throws the error of the last remote call, if it failed.
  func checkReply() throws(AMQPError) {
    let reply = amqp_get_rpc_reply(handle)
    guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw AMQPError(reply: reply) }
  }

  func check(status: Int32) throws(AMQPError) {
    guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(status: status) }
  }

  /// Lets small frames wait for one another while `body` sends them.
  func corked<Result>(_ body: () throws(AMQPError) -> Result) throws(AMQPError) -> Result {
    crabbitmq_set_cork(handle, 1)
    defer { crabbitmq_set_cork(handle, 0) }
    return try body()
  }
}

extension Duration {
  var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
