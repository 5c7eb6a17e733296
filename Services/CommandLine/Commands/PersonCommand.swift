import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

struct PersonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "person",
    abstract: "People who leave, and people who must be kept out at once.",
    subcommands: [End.self, CutOff.self, Restore.self])

  struct End: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The person has left: requests are canceled, access ends, the account goes.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason = ""
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.end(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): ended")
        }
      }
    }
  }

  struct CutOff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cut-off",
      abstract: "At once: barred, every account blocked, every session ended. What the person holds stays.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.cutOff(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): cut off")
        }
      }
    }
  }

  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lifts a cut-off and its bar; the person signs in anew.")
    @Argument(help: "The person's address, or id.") var person: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.restore(
            .with { ($0.tenant, $0.id) = (desk.tenant.text, id) }, metadata: .bearer(desk.token))
          Terminal.say("\(person): restored")
        }
      }
    }
  }
}
