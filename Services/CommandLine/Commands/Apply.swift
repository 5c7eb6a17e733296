import ArgumentParser
import Foundation

struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Brings a tenant to what YAML files say.",
    discussion: "Applying twice changes nothing the second time. Needs VESTIBULE_TOKEN, or a local system.")

  @Option(name: .shortAndLong, help: "A tenant's file; may be repeated.") var file: [String]
  @Flag(help: "Only say what would change.") var dryRun = false
  @OptionGroup var address: SystemAddress

  func validate() throws {
    if file.isEmpty { throw ValidationError("say which file: -f FILE") }
  }

  func run() async throws {
    for path in file {
      let tenantFile = try TenantFile(path: path, environment: address.values())
      let url = try address.value("VESTIBULE_REQUEST_INTAKE_GRPC_URL")
      let (tokens, isDryRun) = (Tokens(address: address), dryRun)
      let changed = try await withServiceConnection(url) { connection in
        try await TenantApplication(
          file: tenantFile, connection: connection, tokens: tokens, isDryRun: isDryRun, tell: Terminal.say
        ).run()
      }
      Terminal.say(
        changed == 0
          ? "\(path): nothing to change" : "\(path): \(changed) \(dryRun ? "to change" : "changed")")
    }
  }
}
