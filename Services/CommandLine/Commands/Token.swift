import ArgumentParser
import Foundation
import Identity

struct Token: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a token of the local development issuer.",
    discussion: "Works only where `vestibule up` runs: the key never leaves its directory.")

  @Option(help: "The tenant, by name.") var tenant: String
  @Option(help: "The person, as the issuer calls them.") var subject: String
  @Option(help: "The person's e-mail address.") var email: String?
  @Option(help: "The partner's issuer to sign in with; the tenant's own without it.") var organization:
    String?
  @Option(name: .customLong("role"), help: "A value of the token's `roles`; may be repeated.") var roles:
    [String] = []
  @OptionGroup var address: SystemAddress

  func run() async throws {
    Terminal.say(
      try Tokens(address: address).issuer().mint(
        issuerName: organization ?? tenant, subject: subject, email: email, roles: roles))
  }
}
