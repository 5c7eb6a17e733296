import Identity
import LocalSystem

/// A change that waits for a second administrator, as `vestibule confirmations` lists it.
struct WaitingChange: Sendable {
  let line: String
  var id: String { String(line.prefix(36)) }
  /// How many people it concerns.
  var people: Int {
    line.firstMatch(of: /concerns (\d+) people/).flatMap { Int($0.1) } ?? 0
  }
}

extension RunningSystem {
  func waitingChanges(in tenant: SampleTenant) async throws -> [WaitingChange] {
    try await vestibule("confirmations", "list", "--tenant", tenant.name).split(separator: "\n")
      .filter { $0.contains(" pending ") }.map { WaitingChange(line: String($0)) }
  }

  /// - Parameter second: whether another administrator does it than the one who runs all other commands.
  func confirm(
    _ change: WaitingChange, people: Int? = nil, in tenant: SampleTenant, asSecond second: Bool = true
  ) async throws {
    let token = try system.issuer.mint(
      issuerName: tenant.name, subject: "second", email: "second@\(tenant.name).example",
      roles: ["administrator"])
    try await vestibule(
      "confirmations", "confirm", change.id, "--people", "\(people ?? change.people)", "--tenant",
      tenant.name,
      environment: second ? ["VESTIBULE_TOKEN": token] : [:])
  }

  /// Does what may come to more than fifty people, together with what other tests have ended within the hour: a second
  /// administrator confirms what waits then.
  func withSecondAdministrator(_ change: () async throws -> String) async throws {
    do {
      _ = try await change()
    } catch LocalSystemError.commandFailed(_, _, let output) where output.contains("confirmationRequired") {}
    for waiting in try await waitingChanges(in: sample) { try await confirm(waiting, in: sample) }
  }
}
