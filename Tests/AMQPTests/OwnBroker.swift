import AMQP
import Foundation
import LocalSystem
import TestSupport
import Testing

/// A node that one suite may stop, starve and disturb, with TLS.
actor OwnBroker {
  private static let shared = OwnBroker()

  private var starting: Task<RabbitMQServer, any Error>?

  static func server() async throws -> RabbitMQServer { try await shared.start() }

  static func certificates() async throws -> URL {
    try await TestServers.shared.runDirectory().appending(path: "own-broker")
  }

  static func tlsPort() async throws -> Int {
    let file = try await certificates().appending(path: "tls-port")
    return Int(try String(contentsOf: file, encoding: .utf8)) ?? 0
  }

  /// Evaluates Erlang expressions on the node.
  static func evaluate(_ expressions: String) async throws {
    let server = try await server()
    let pid = try #require(await server.pid)
    let text = try String(decoding: Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")), as: UTF8.self)
    var environment: [String: String] = [:]
    for variable in text.split(separator: "\0") {
      let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
    }
    let node = environment["RABBITMQ_NODENAME"] ?? ""
    let answer = try await Command(
      Program.find("erl_call", package: "erlang-base"), ["-r", "-n", node, "-e"], environment: environment,
      input: expressions + "\n"
    ).run()
    #expect(answer.hasPrefix("{ok, "), "\(answer)")
  }

  static func closeAllConnections() async throws {
    try await evaluate(
      "[rabbit_networking:close_connection(P, \"test\") || P <- rabbit_networking:connections()], ok.")
  }

  private func start() async throws -> RabbitMQServer {
    if let starting { return try await starting.value }
    let task = Task {
      let directory = try await Self.certificates()
      let server = try RabbitMQServer(directory: directory)
      try await Self.writeTLS(in: directory)
      try await server.start()
      return server
    }
    starting = task
    return try await task.value
  }

  private static func writeTLS(in directory: URL) async throws {
    try await authority("ca", in: directory)
    try await authority("other-ca", in: directory)
    try await openssl(
      in: directory, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost")
    try "subjectAltName=DNS:localhost\n".write(
      to: directory.appending(path: "san"), atomically: true, encoding: .utf8)
    try await openssl(
      in: directory,
      "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem"
    )
    let port = try Loopback.freePort()
    try "\(port)".write(to: directory.appending(path: "tls-port"), atomically: true, encoding: .utf8)
    let options = ["cacertfile": "ca.pem", "certfile": "server.pem", "keyfile": "server.key"]
      .map { "{\($0.key), \"\(directory.appending(path: $0.value).path)\"}" }.joined(separator: ", ")
    try "[{rabbit, [{ssl_listeners, [{\"127.0.0.1\", \(port)}]}, {ssl_options, [\(options)]}]}].\n".write(
      to: directory.appending(path: "rabbitmq/advanced.config"), atomically: true, encoding: .utf8)
  }

  private static func authority(_ name: String, in directory: URL) async throws {
    try await openssl(
      in: directory,
      "req -x509 -newkey rsa:2048 -nodes -days 2 -keyout \(name).key -out \(name).pem -subj /CN=\(name)")
  }

  /// File names in `arguments` are those with a dot or `san`, and lie in the directory.
  private static func openssl(in directory: URL, _ arguments: String) async throws {
    let words = arguments.split(separator: " ").map(String.init).map { word in
      let isFile = word == "san" || (word.contains(".") && !word.hasPrefix("/"))
      return isFile ? directory.appending(path: word).path : word
    }
    try await Command(Program.find("openssl", package: "openssl"), words).run()
  }
}
