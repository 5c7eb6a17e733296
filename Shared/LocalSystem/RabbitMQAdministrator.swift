import Foundation

/// Virtual hosts and users of a private node, changed through `erl_call`: that takes milliseconds where
/// starting `rabbitmqctl` takes more than a second.
struct RabbitMQAdministrator: Sendable {
  let node: RabbitMQNode
  let user: String

  func isRunning() async -> Bool {
    (try? await evaluate("rabbit:is_running().")) == "true"
  }

  func addVirtualHost(_ name: String) async throws {
    try await evaluate(
      """
      case rabbit_vhost:exists(\(binary(name))) of
        true -> ok;
        false -> ok = rabbit_vhost:add(\(binary(name)), \(actor))
      end,
      \(permit(user, host: name, configure: ".*", write: ".*", read: ".*")).
      """)
  }

  func removeVirtualHost(_ name: String) async throws {
    try await evaluate("catch rabbit_vhost:delete(\(binary(name)), \(actor)), ok.")
  }

  /// Makes the user, or gives an existing one this password and these permissions.
  func setUser(
    _ name: String, password: String, host: String, configure: String, write: String, read: String
  ) async throws {
    try await evaluate(
      """
      ok = rabbit_auth_backend_internal:put_user(
        #{name => \(binary(name)), password => \(binary(password)), tags => <<"">>}, \(actor)),
      \(permit(name, host: host, configure: configure, write: write, read: read)).
      """)
  }

  private var actor: String { binary(user) }

  private func permit(_ name: String, host: String, configure: String, write: String, read: String) -> String
  {
    let what = [configure, write, read].map(binary).joined(separator: ", ")
    return "ok = rabbit_auth_backend_internal:set_permissions("
      + "\(binary(name)), \(binary(host)), \(what), \(actor))"
  }

  private func binary(_ text: String) -> String {
    "<<" + text.utf8.map(String.init).joined(separator: ",") + ">>"
  }

  /// The node lets nobody in twice under one name, so each call has its own; the name that `erl_call -r` makes
  /// up is the same for all calls of one second. `erl_call` reads an expression up to a full stop and a line break, and answers `{ok, Value}` or
  /// `{error, Reason}` with status 0 in both cases.
  @discardableResult
  private func evaluate(_ expressions: String) async throws -> String {
    let program = try Program.find("erl_call", package: "erlang-base")
    let answer = try await Command(
      program, ["-h", "call-" + Secret.random(), "-n", node.name, "-e"], environment: node.erlangEnvironment,
      input: expressions + "\n"
    ).run()
    guard answer.hasPrefix("{ok, "), answer.hasSuffix("}") else {
      throw LocalSystemError.commandFailed(program: "erl_call", status: 0, output: answer)
    }
    return String(answer.dropFirst(5).dropLast())
  }
}
