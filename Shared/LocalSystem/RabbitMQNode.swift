import Foundation

/// The files and the environment of a private RabbitMQ node.
///
/// The node's name is part of the paths of its data, so it is kept: ports may differ from start to start.
struct RabbitMQNode: Sendable {
  let home: URL
  let name: String
  let port: Int
  let distributionPort: Int
  let epmdPort: Int

  init(home: URL, port: Int) throws {
    (self.home, self.port) = (home, port)
    (distributionPort, epmdPort) = (try Loopback.freePort(), try Loopback.freePort())
    let folders = ["mnesia", "log"].map { home.appending(path: $0) }
    for folder in [home] + folders {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    let nameFile = home.appending(path: "node-name")
    if let known = try? String(contentsOf: nameFile, encoding: .utf8), !known.isEmpty {
      name = known
    } else {
      name = "vestibule-\(port)@localhost"
      try Secret.write(name, to: nameFile)
    }
    try makeCookie()
  }

  /// A node refuses to start when anybody else may read or change its cookie.
  private func makeCookie() throws {
    let file = home.appending(path: ".erlang.cookie")
    guard !FileManager.default.fileExists(atPath: file.path) else { return }
    try Secret.write(Secret.random(), to: file, mode: 0o400)
  }

  /// The first start makes the administrator from it; later ones only read the rest.
  func writeConfiguration(administrator: String, password: String) throws {
    let text = """
      listeners.tcp.1 = 127.0.0.1:\(port)
      default_user = \(administrator)
      default_pass = \(password)
      default_user_tags.administrator = true
      loopback_users.\(administrator) = true
      heartbeat = 30
      vm_memory_high_watermark.absolute = 1024MiB
      disk_free_limit.absolute = 200MB

      """
    try Secret.write(text, to: home.appending(path: "rabbitmq.conf"))
  }

  var erlangEnvironment: [String: String] {
    ["HOME": home.path, "ERL_EPMD_PORT": String(epmdPort), "ERL_EPMD_ADDRESS": "127.0.0.1"]
  }

  /// Two schedulers without busy waiting: the node shares two cores with everything else. `RUNNING_UNDER_SYSTEMD`
  /// makes the start script become the node instead of waiting for it, so that signals reach the node.
  var environment: [String: String] {
    let schedulers = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
    let own = [
      "RABBITMQ_NODENAME": name, "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
      "RABBITMQ_NODE_PORT": String(port), "RABBITMQ_DIST_PORT": String(distributionPort),
      "RABBITMQ_MNESIA_BASE": path("mnesia"), "RABBITMQ_LOG_BASE": path("log"), "RABBITMQ_LOGS": "-",
      "RABBITMQ_CONF_ENV_FILE": path("none.conf"), "RABBITMQ_CONFIG_FILE": path("rabbitmq.conf"),
      "RABBITMQ_ENABLED_PLUGINS_FILE": path("enabled_plugins"),
      "RABBITMQ_ADVANCED_CONFIG_FILE": path("advanced.config"),
      "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} \(schedulers)",
      "RUNNING_UNDER_SYSTEMD": "true",
    ]
    return own.merging(erlangEnvironment) { own, _ in own }
  }

  private func path(_ name: String) -> String { home.appending(path: name).path }
}
