import ArgumentParser

/// The command line: runs Vestibule on this machine, configures tenants, and helps its operators.
@main
struct Vestibule: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vestibule",
    abstract: "Entitlement management for external users, self-hosted.",
    version: "0.1.0",
    subcommands: [
      Up.self, Demo.self, Bench.self, Apply.self, Export.self, Delete.self, Token.self, DeclareTopology.self,
      Republish.self,
      DeadLettersCommand.self, OrganizationsCommand.self, GuestCommand.self, Adopt.self, PersonCommand.self,
      ConfirmationsCommand.self, ResourcesCommand.self, RequestsCommand.self, AssignmentsCommand.self,
      AnswersCommand.self, TermsCommand.self, ApprovalsCommand.self, ConflictsCommand.self, Health.self,
      Audit.self,
    ])

  static func main() async {
    await run(CommandLine.arguments.dropFirst())
  }

  /// Exit status 0: done; 1: failed; 2: unusable arguments.
  static func run(_ arguments: some Sequence<String>) async -> Never {
    do {
      var command = try parseAsRoot(Array(arguments))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit()
    } catch {
      let status = exitCode(for: error)
      if status == .validationFailure { Terminal.fail(fullMessage(for: error), status: 2) }
      if status == .success || error is CleanExit { exit(withError: error) }
      if let status = error as? ExitCode { Terminal.leave(status.rawValue) }
      Terminal.fail("vestibule: \(Failure.text(of: error))", status: 1)
    }
  }
}
