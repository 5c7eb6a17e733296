import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

extension WholeSystem {
  /// Goal: approvers decide by the command, each request with its answer.
  @Suite("Decisions by the command") struct DecidingTests {
    @Test(
      "A sponsor approves one and denies one; nobody else decides, and what is decided is not decided again")
    func decides() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let people = try await running.system.issuer.strangers(2)
      var made: [String] = []
      for person in people { made.append(try await submit(running, by: person)) }
      try await running.awaitPending(made)
      let sponsor = try running.system.issuer.sponsor().token

      let strangers = try await refused(running, ["approve", made[0]], people[1].token)
      #expect(strangers.contains("1 of 1 were not decided"))
      let approved = try await decide(running, ["approve", made[0], "--reason", "Ours"], sponsor)
      #expect(approved.contains("\(made[0]): decided"))
      try await decide(running, ["deny", made[1], "--reason", "Unknown here"], sponsor)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([made[0]], in: "delivered")
      }
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([made[1]], in: "denied")
      }
      let again = try await refused(running, ["deny"] + made + ["--reason", "Too late"], sponsor)
      #expect(again.contains("2 of 2 were not decided"))
      #expect(try await running.requests([made[0]], in: "delivered") == 1)
      try await running.comesToRest()
    }

    private func submit(_ running: RunningSystem, by person: Caller) async throws -> String {
      let tenant = running.sample.id.text
      return try await running.desk.intake[0].requests.submit(
        .with {
          ($0.tenant, $0.accessPackage) = (tenant, running.sample.package("design-studio").text)
          $0.assignmentPolicy = UUID(namedBy: [tenant, "assignmentPolicy", "design-studio-residents"]).text
        }, metadata: .bearer(person.token), options: TestClient.options
      ).id
    }

    @discardableResult
    private func decide(_ running: RunningSystem, _ words: [String], _ token: String) async throws -> String {
      try await running.vestibule(
        ["approvals", "decide"] + words + ["--tenant", running.sample.name],
        environment: ["VESTIBULE_TOKEN": token])
    }

    /// What it says when not all are decided, which ends with 1.
    private func refused(_ running: RunningSystem, _ words: [String], _ token: String) async throws -> String
    {
      do {
        return try await decide(running, words, token) + " (it ended with 0)"
      } catch LocalSystemError.commandFailed(_, let status, let output) {
        return output + (status == 1 ? "" : " (it ended with \(status))")
      }
    }
  }
}
