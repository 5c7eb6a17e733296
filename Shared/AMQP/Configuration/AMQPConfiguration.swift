/// Where the broker is and how to talk to it.
package struct AMQPConfiguration: Sendable {
  package var host: String
  package var port: Int
  package var virtualHost: String
  package var user: String
  var password: String
  /// TLS, unless the URL's scheme is `amqp`.
  package var tls: AMQPTransportSecurity?
  /// What the broker shows as the connection's name.
  package var connectionName: String = "vestibule"
  /// After about twice that time of silence either side takes the connection for dead. Whole seconds.
  package var heartbeat: Duration = .seconds(10)
  /// How long the connection and the login may take, each.
  package var connectTimeout: Duration = .seconds(5)
  /// How long the broker may take for an answer, a confirm included.
  package var replyTimeout: Duration = .seconds(30)
  /// How long publishing waits for a broker that is out of memory or disk.
  package var blockedTimeout: Duration = .seconds(10)
  /// The largest frame in bytes; larger bodies are split.
  package var frameMax: Int = 131_072

  /// Reads `amqp://user:password@host:port/vhost` or `amqps://…`, every part percent-encoded.
  ///
  /// Parameters after `?`: `cacertfile`, `certfile`, `keyfile` (paths), `verify` (`verify_peer` or `verify_none`),
  /// `heartbeat` (seconds), `connection_timeout` (milliseconds).
  package init(url: String) throws(AMQPError) {
    let parts = try AMQPURL(url)
    host = parts.host
    port = parts.port
    virtualHost = parts.virtualHost
    user = parts.user
    password = parts.password
    tls = parts.isSecure ? AMQPTransportSecurity() : nil
    for (name, value) in parts.parameters { try apply(parameter: name, value: value) }
  }
}

/// How the broker's certificate is checked and which one this client shows.
package struct AMQPTransportSecurity: Sendable {
  /// A PEM file of the authorities to trust. Without one no certificate is trusted.
  package var authorityFile: String?
  /// A PEM file of this client's certificate chain.
  package var certificateFile: String?
  /// A PEM file of this client's private key.
  package var keyFile: String?
  /// Whether the certificate must be signed by a trusted authority.
  package var verifiesPeer = true
  /// Whether the certificate must be for the host of the URL.
  package var verifiesHostName = true

  package init() {}
}

extension AMQPConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    "\(tls == nil ? "amqp" : "amqps")://\(host):\(port)/\(virtualHost)"
  }

  package var debugDescription: String { description }

  /// Keeps the password out of `dump` and of what test libraries print.
  package var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

extension AMQPConfiguration {
  private mutating func apply(parameter name: String, value: String) throws(AMQPError) {
    switch (name, Int(value)) {
    case ("cacertfile", _): tls?.authorityFile = value
    case ("certfile", _): tls?.certificateFile = value
    case ("keyfile", _): tls?.keyFile = value
    case ("verify", _) where value == "verify_none":
      tls?.verifiesPeer = false
      tls?.verifiesHostName = false
    case ("verify", _) where value == "verify_peer": tls?.verifiesPeer = true
    case ("heartbeat", .some(let seconds)) where (0...3600).contains(seconds): heartbeat = .seconds(seconds)
    case ("connection_timeout", .some(let milliseconds)) where milliseconds > 0:
      connectTimeout = .milliseconds(milliseconds)
    default: throw AMQPError(.invalidConfiguration, "the AMQP URL's parameter \(name) is not understood")
    }
  }
}
