import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import LocalSystem
import Messaging
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: who is cut off is out everywhere, by trying.
  @Suite("Cutting people off") struct CutOffTests {
    @Test(
      "A token from before is refused by all four services, the account is blocked; a new one works once restored"
    )
    func sessions() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let person = try await running.system.issuer.strangers(1)[0]
      let asked = try await running.desk.submit(running.sample.workshop, by: person)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      let clients = try Dictionary(
        uniqueKeysWithValues: ServiceName.allCases.map {
          ($0, try TestClient(running.system.copies(of: $0)[0]))
        })
      for service in ServiceName.allCases {
        #expect(
          try await code(person.token, at: service, of: clients, running) != .unauthenticated, "\(service)")
      }

      let address = "\(person.name)@fabrikam.example"
      try await running.withSecondAdministrator {
        try await running.person("cut-off", address, "--reason", "stolen laptop")
      }
      for service in ServiceName.allCases {
        try await eventually(within: .seconds(20), "\(service) refuses the token") {
          try await code(person.token, at: service, of: clients, running) == .unauthenticated
        }
      }
      try await eventually(equals: 1) {
        try await running.number(
          "SELECT count(*) FROM directory.user WHERE owner_mark = '\(asked.target.subject)' AND NOT is_enabled"
        )
      }
      // Signing in anew does not help: the person is barred.
      let again = try await anew(person, running)
      let refused = try await refusal { try await running.desk.submit(running.sample.phoenix, by: again) }
      #expect(refused?.reasons.map(\.code).contains(.subjectBarred) == true)

      try await running.person("restore", address)
      try await eventually(equals: 1) {
        try await running.number(
          "SELECT count(*) FROM directory.user WHERE owner_mark = '\(asked.target.subject)' AND is_enabled")
      }
      #expect(try await refusal { try await running.desk.submit(running.sample.phoenix, by: again) } == nil)
      #expect(try await code(person.token, at: .requestIntake, of: clients, running) == .unauthenticated)
      try await running.comesToRest()
    }

    /// What a call with the token is answered; nil when it is done.
    private func code(
      _ token: String, at service: ServiceName, of clients: [ServiceName: TestClient],
      _ running: RunningSystem
    ) async throws -> RPCError.Code? {
      let (tenant, client) = (running.sample.id.text, try #require(clients[service]))
      do {
        switch service {
        case .requestIntake:
          _ = try await client.requests.list(
            .with { $0.tenant = tenant }, metadata: .bearer(token), options: TestClient.options)
        case .approval:
          _ = try await client.approvals.listPending(
            .with { $0.tenant = tenant }, metadata: .bearer(token), options: TestClient.options)
        case .provisioning:
          _ = try await client.assignments.list(
            .with { $0.tenant = tenant }, metadata: .bearer(token), options: TestClient.options)
        case .expiry:
          _ = try await client.deadlines.list(
            .with { $0.tenant = tenant }, metadata: .bearer(token), options: TestClient.options)
        }
        return nil
      } catch let error as RPCError {
        return error.code
      }
    }

    /// A token of the next second.
    private func anew(_ person: Caller, _ running: RunningSystem) async throws -> Caller {
      let token = try running.system.issuer.mint(
        issuerName: "fabrikam", subject: person.name, email: "\(person.name)@fabrikam.example",
        now: Date().addingTimeInterval(2))
      return Caller(name: person.name, token: token)
    }
  }
}

extension RunningSystem {
  @discardableResult
  func person(_ command: String, _ arguments: String...) async throws -> String {
    try await vestibule(["person", command] + arguments + ["--tenant", sample.name])
  }
}
