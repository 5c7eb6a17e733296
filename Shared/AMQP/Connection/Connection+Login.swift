import CRabbitMQ

extension Connection {
  func openSocket(_ configuration: AMQPConfiguration) throws(AMQPError) {
    let socket =
      if let security = configuration.tls { try secureSocket(security) } else { amqp_tcp_socket_new(handle) }
    guard let socket else { throw AMQPError(status: AMQP_STATUS_NO_MEMORY.rawValue) }
    let status = crabbitmq_open_socket(
      socket, configuration.host, Int32(configuration.port), configuration.connectTimeout.microseconds)
    guard status != AMQP_STATUS_OK.rawValue else { return }
    let error = AMQPError(status: status)
    guard error.code != .tlsFailed else { throw error }
    throw AMQPError(.connectFailed, "\(configuration.host):\(configuration.port): \(error.detail)")
  }

  private func secureSocket(_ security: AMQPTransportSecurity) throws(AMQPError) -> OpaquePointer? {
    guard let socket = amqp_ssl_socket_new(handle) else { return nil }
    amqp_ssl_socket_set_verify_peer(socket, security.verifiesPeer ? 1 : 0)
    amqp_ssl_socket_set_verify_hostname(socket, security.verifiesHostName ? 1 : 0)
    try checkFile(amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "the TLS version")
    if let file = security.authorityFile {
      try checkFile(amqp_ssl_socket_set_cacert(socket, file), "the authority file \(file)")
    }
    if let certificate = security.certificateFile, let key = security.keyFile {
      try checkFile(
        amqp_ssl_socket_set_key(socket, certificate, key),
        "the certificate \(certificate) with the key \(key)")
    }
    return socket
  }

  private func checkFile(_ status: Int32, _ what: String) throws(AMQPError) {
    guard status == AMQP_STATUS_OK.rawValue else {
      throw AMQPError(.invalidConfiguration, "\(what) cannot be used for TLS")
    }
  }

  func logIn(_ configuration: AMQPConfiguration) throws(AMQPError) {
    crabbitmq_set_handshake_timeout(handle, configuration.connectTimeout.microseconds)
    crabbitmq_set_reply_timeout(handle, configuration.replyTimeout.microseconds)
    let reply = try withClientProperties(configuration.connectionName) { properties in
      var properties = properties
      return crabbitmq_login_plain(
        handle, configuration.virtualHost, Int32(configuration.frameMax),
        Int32(configuration.heartbeat.components.seconds), &properties, configuration.user,
        configuration.password)
    }
    guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
    let error = AMQPError(reply: reply)
    guard error.code == .accessRefused else { throw error }
    throw AMQPError(.authenticationFailed, error.detail, replyCode: error.replyCode)
  }

  /// The capabilities make the broker tell when it blocks publishers and when it cancels a consumer.
  private func withClientProperties(
    _ connectionName: String, _ body: (amqp_table_t) -> amqp_rpc_reply_t
  ) throws(AMQPError) -> amqp_rpc_reply_t {
    let flags = [("connection.blocked", HeaderValue.bool(true)), ("consumer_cancel_notify", .bool(true))]
    let capabilities = FieldTable(arena: ByteArena(capacity: 64))
    let name = [("connection_name", HeaderValue.string(connectionName))]
    arena.begin(byteCount: FieldTable.byteCount(name) + "capabilities".utf8.count)
    return try capabilities.encode(flags) { flags throws(AMQPError) in
      var nested = amqp_field_value_t()
      nested.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
      nested.value.table = flags
      let entry = amqp_table_entry_t(key: arena.copy("capabilities"), value: nested)
      return try table.encode(name, appending: [entry]) { properties throws(AMQPError) in body(properties) }
    }
  }
}
