import ArgumentParser
import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf

extension PersonCommand {
  struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forgets everything personal of somebody who has left, in every service, for good.",
      discussion: """
        Names, addresses, identities, answers, justifications and the words of the audit go; ids stay, and `vestibule \\
        audit verify` holds. Only once the person has left, nothing stands or waits, the account is deleted, and no \\
        legal hold stands.
        """)
    @Argument(help: "The person's address, or id.") var person: String
    @Flag(help: "Only says what would be forgotten, and what stands in the way.") var dryRun = false
    @OptionGroup var office: GuestOffice

    func run() async throws {
      let isDryRun = dryRun
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          let answer = try await desk.people.subjects.erase(
            .with { ($0.tenant, $0.id, $0.dryRun) = (desk.tenant.text, id, isDryRun) },
            metadata: .bearer(desk.token))
          for obstacle in answer.obstacles {
            Terminal.say("\(id): \(obstacle.message)" + (obstacle.hint.isEmpty ? "" : " (\(obstacle.hint))"))
          }
          if !isDryRun {
            Terminal.say("\(id): erased; \(answer.requests) requests keep ids alone")
          } else if answer.obstacles.isEmpty {
            Terminal.say("\(id): can be erased, with what \(answer.requests) requests say of the person")
          }
        }
      }
    }
  }

  struct Hold: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Puts the person under a legal hold: until it is lifted nothing of the person is forgotten.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.setLegalHold(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): held")
        }
      }
    }
  }

  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lifts the person's legal hold.")
    @Argument(help: "The person's address, or id.") var person: String
    @Option(help: "Why.") var reason: String
    @OptionGroup var office: GuestOffice

    func run() async throws {
      try await office.open { desk in
        for id in try await desk.ids([person]) {
          _ = try await desk.people.subjects.liftLegalHold(
            .with { ($0.tenant, $0.id, $0.reason) = (desk.tenant.text, id, reason) },
            metadata: .bearer(desk.token))
          Terminal.say("\(person): released")
        }
      }
    }
  }
}
