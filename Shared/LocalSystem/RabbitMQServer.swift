package import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A private RabbitMQ node on a loopback port, with its data in `<directory>/rabbitmq` and a port mapper (epmd)
/// of its own. It has no `guest`: its administrator has a random password. It dies with this process.
package actor RabbitMQServer {
  package nonisolated let port: Int
  package nonisolated let directory: URL
  private let password: String
  private let node: RabbitMQNode
  private let administrator: RabbitMQAdministrator
  private var process: ChildProcess?
  private var portMapper: ChildProcess?

  /// Prepares the directory; nothing runs before `start()`.
  package init(directory: URL, port: Int? = nil) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    password = try Secret.kept(in: directory.appending(path: "rabbitmq.password"))
    node = try RabbitMQNode(
      home: directory.appending(path: "rabbitmq"), port: port ?? Loopback.freePort())
    administrator = RabbitMQAdministrator(node: node, user: "administrator")
    (self.directory, self.port) = (directory, node.port)
  }

  package nonisolated var log: URL { directory.appending(path: "rabbitmq.log") }
  package var pid: Int32? { process?.pid }

  /// Where a client connects to a virtual host, as the administrator unless another user is given.
  package nonisolated func url(
    virtualHost: String = "/", user: String? = nil, password: String? = nil
  ) -> String {
    let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
    let host = virtualHost.addingPercentEncoding(withAllowedCharacters: plain) ?? virtualHost
    let user = user ?? administrator.user
    return "amqp://\(user):\(password ?? self.password)@127.0.0.1:\(port)/\(host)"
  }

  /// Starts the node, on new or existing data, and waits until it speaks AMQP and calls itself running.
  package func start(within limit: Duration = .seconds(90)) async throws {
    guard process?.isRunning != true else { return }
    try node.writeConfiguration(administrator: administrator.user, password: password)
    try await startPortMapper()
    let started = try await ChildProcess(
      name: "rabbitmq", program: Program.rabbitMQ("rabbitmq-server"), arguments: [],
      environment: node.environment, log: log)
    process = started
    try await started.waitUntilReady(within: limit) {
      guard await speaksAMQP() else { return false }
      return await administrator.isRunning()
    }
  }

  package func stop() async {
    await process?.stop(SIGTERM, within: .seconds(30))
    await portMapper?.kill()
    (process, portMapper) = (nil, nil)
  }

  package func restart() async throws {
    await stop()
    try await start()
  }

  /// As a crash ends it: what was confirmed is there again after the next start.
  package func kill() async {
    await process?.kill()
    await portMapper?.kill()
    (process, portMapper) = (nil, nil)
  }

  /// Makes a virtual host, which the administrator may use; one that exists stays.
  package nonisolated func addVirtualHost(_ name: String) async throws {
    try await administrator.addVirtualHost(name)
  }

  package nonisolated func removeVirtualHost(_ name: String) async throws {
    try await administrator.removeVirtualHost(name)
  }

  /// Makes a user or changes one; the three patterns are RabbitMQ's permissions in `virtualHost`.
  package nonisolated func setUser(
    _ name: String, password: String, virtualHost: String = "/", configure: String = "", write: String = ".*",
    read: String = ".*"
  ) async throws {
    try await administrator.setUser(
      name, password: password, host: virtualHost, configure: configure, write: write, read: read)
  }

  /// The node would start a port mapper by itself, but as a daemon that outlives everything.
  private func startPortMapper() async throws {
    guard portMapper?.isRunning != true else { return }
    let program = try Program.find("epmd", package: "erlang-base")
    let started = try await ChildProcess(
      name: "epmd", program: program,
      arguments: ["-address", "127.0.0.1", "-port", String(node.epmdPort)],
      environment: node.erlangEnvironment, log: log)
    portMapper = started
    let namesRequest: [UInt8] = [0, 1, 110]
    try await started.waitUntilReady(within: .seconds(20)) {
      await Loopback.exchange(namesRequest, port: node.epmdPort, within: .seconds(1)) != nil
    }
  }

  /// A server answers the protocol header with the method frame `connection.start`.
  private func speaksAMQP() async -> Bool {
    let header: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
    return await Loopback.exchange(header, port: port, within: .seconds(2))?.first == 1
  }
}
