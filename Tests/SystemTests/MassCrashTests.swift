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
  /// Goal: what happens to many at once happens to each of them once, whatever dies in the middle. Method: two copies of
  /// every service; each step is struck when it has begun: both copies of what does it are killed, the database or the
  /// broker restarts; what clients were not answered they ask again.
  @Suite("Crashes in the middle of what concerns many") struct MassCrashTests {
    private static let people = 240
    private static let revoked = 120

    @Test(
      "A delegate's decisions, a changed package, extensions, revocations and an organization's end reach everybody once",
      .timeLimit(.minutes(5)))
    func survives() async throws {
      let running = try await RunningSystem.start(copies: 2, hasExternalDirectory: false)
      let ids = try await ask(running)
      try await decideByDelegate(ids, running)
      try await changePackage(ids, running)
      try await extend(ids, running)
      try await revoke(Array(ids[..<Self.revoked]), running)
      try await endOrganization(running)
      try await everythingEndedOnce(running)
      await running.system.stop()
      await TestDirectory.remove(running.system.options.directory)
    }

    private func ask(_ running: RunningSystem) async throws -> [String] {
      let crowd = try await running.system.issuer.strangers(Self.people)
      let ids = try await concurrently(crowd.count) { number in
        try await running.desk.submit(running.sample.phoenix, by: crowd[number], key: "mass").id
      }
      try await running.awaitPending(ids)
      return ids
    }

    /// Approval dies while somebody decides for the sponsor.
    private func decideByDelegate(_ ids: [String], _ running: RunningSystem) async throws {
      let delegate = try await running.system.issuer.strangers(1)[0]
      let subject = try await running.put(delegate)
      let sponsor = try running.system.issuer.sponsor()
      try await eventually(within: .seconds(60), "the delegate is known") {
        try await refusal { try await running.desk.delegate(to: subject, by: sponsor) } == nil
      }
      try await running.awaitListed(ids[0], for: delegate)
      try await running.struck(by: running.kills(.approval)) {
        try await running.number("SELECT count(*) FROM approval.approval WHERE state = 'approved'") > 0
      } during: {
        for start in stride(from: 0, to: ids.count, by: 10) {
          _ = try await persistently {
            try await running.desk.approveAll(Array(ids[start..<start + 10]), by: delegate)
          }
        }
      }
      try await eventually(within: .seconds(60), equals: ids.count) {
        try await running.requests(ids, in: "delivered")
      }
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM approval.approval
          WHERE jsonb_array_length(stages -> 0 -> 'decisions') = 1 AND stages::text LIKE '%onBehalfOf%'
          """) == ids.count)
    }

    /// Provisioning and request-intake die while a role goes to everybody, and while it is taken from everybody.
    private func changePackage(_ ids: [String], _ running: RunningSystem) async throws {
      let member = "      - { resource: phoenix-team, role: member }\n"
      let sample = try String(contentsOf: SampleTenant.file, encoding: .utf8)
      let file = running.system.options.directory.appending(path: "more-roles.yaml")
      try sample.replacing(member, with: member + member.replacing("member }", with: "owner }"))
        .write(to: file, atomically: true, encoding: .utf8)
      let roles = "SELECT count(*) FROM directory.membership WHERE resource LIKE 'phoenix%'"
      for (change, expected) in [(file, 3), (SampleTenant.file, 2)] {
        try await running.withSecondAdministrator { try await running.apply(change) }
        try await running.strike(running.kills(.provisioning, .requestIntake))
        try await running.becomesReady()
        try await eventually(within: .seconds(60), equals: expected * ids.count) {
          try await running.number(roles)
        }
      }
    }

    /// The database restarts while an administrator gives everybody more time.
    private func extend(_ ids: [String], _ running: RunningSystem) async throws {
      let (desk, administrator) = (running.desk, try running.secondAdministrator())
      let extended = "SELECT count(*) FROM intake.request WHERE kind = 'adminUpdate'"
      try await running.struck(by: [.restartDatabase]) {
        try await running.number(extended) > 10
      } during: {
        _ = try await concurrently(ids.count, atMost: 8) { number in
          try await persistently { try await desk.extend(ids[number], by: administrator, key: ids[number]) }
        }
      }
      try await eventually(within: .seconds(60), equals: ids.count) {
        try await running.number(extended + " AND state = 'delivered'")
      }
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment a WHERE ends_at > delivered_at + interval '180 days' AND 1 = (
            SELECT count(*) FROM expiry.deadline d WHERE d.aggregate = a.id AND d.ends_at = a.ends_at)
          """) == ids.count)
    }

    /// Approval and request-intake die while the sponsor takes half of it back, and again while that is confirmed.
    private func revoke(_ ids: [String], _ running: RunningSystem) async throws {
      let sponsor = try running.system.issuer.sponsor()
      try await running.struck(by: running.kills(.approval, .requestIntake)) {
        try await running.number("SELECT count(*) FROM approval.approval WHERE revoked_at IS NOT NULL") > 10
      } during: {
        _ = try await concurrently(ids.count, atMost: 8) { number in
          try await persistently { try await running.desk.revoke(ids[number], by: sponsor) }
        }
      }
      try await running.strike(running.kills(.requestIntake))
      try await running.becomesReady()
      // What fifty had is gone at once; the rest waits for an administrator.
      try await eventually(within: .seconds(90), equals: ids.count) {
        for change in try await running.waitingChanges(in: running.sample) {
          try await running.confirm(change, in: running.sample)
        }
        return try await running.number("SELECT count(*) FROM intake.request WHERE kind = 'approverRemove'")
      }
    }

    /// The broker restarts and everybody dies who takes part while an organization ends.
    private func endOrganization(_ running: RunningSystem) async throws {
      try await running.withSecondAdministrator { try await running.organizations("end", "fabrikam") }
      try await running.strike(running.kills(.requestIntake, .provisioning, .expiry) + [.restartBroker])
      try await running.becomesReady()
      try await eventually(within: .seconds(90), equals: Self.people + 1) {
        try await running.number("SELECT count(*) FROM provisioning.assignment WHERE state = 'expired'")
      }
      try await running.comesToRest(within: .seconds(90))
    }

    // MARK: What must be true afterwards

    private func everythingEndedOnce(_ running: RunningSystem) async throws {
      func reasons(_ reason: String) async throws -> Int {
        try await running.number(
          "SELECT count(*) FROM provisioning.assignment WHERE end_reason = '\(reason)'")
      }
      #expect(try await reasons("revokedByApprover") == Self.revoked)
      #expect(try await reasons("organizationEnded") == Self.people + 1 - Self.revoked)
      #expect(try await running.number("SELECT count(*) FROM directory.membership") == 0)
      #expect(
        try await running.rows(
          """
          SELECT assignment FROM intake.request GROUP BY assignment
          HAVING count(*) FILTER (WHERE kind IN ('approverRemove', 'systemRemove')) <> 1
            OR count(*) FILTER (WHERE kind IN ('userAdd', 'adminAdd')) <> 1
            OR count(*) FILTER (WHERE state NOT IN ('delivered', 'canceled')) > 0
          """) == [])
      #expect(
        try await running.number("SELECT count(*) FROM provisioning.guest WHERE presence = 'blocked'")
          == Self.people + 1)
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM expiry.deadline d JOIN provisioning.assignment a ON a.id = d.aggregate
          WHERE d.due_at IS NOT NULL
          """) == 0)
      #expect(
        try await running.vestibule("guest", "zombies", "--tenant", running.sample.name).contains(
          "no zombies"))
    }
  }
}

extension RunningSystem {
  /// Makes somebody of Fabrikam known by name, who then holds something too.
  fileprivate func put(_ person: Caller) async throws -> String {
    let (tenant, issuer) = (sample.id.text, system.issuer.issuer("fabrikam"))
    let administrator = try secondAdministrator()
    let saved = try await desk.intake[0].subjects.put(
      .with {
        ($0.subject.tenant, $0.subject.name) = (tenant, person.name)
        $0.subject.email = "\(person.name)@fabrikam.example"
        $0.subject.organization = UUID(namedBy: [tenant, "connectedOrganization", "fabrikam"]).text
        $0.subject.identities = [.with { ($0.issuer, $0.subject) = (issuer, person.name) }]
      }, metadata: .bearer(administrator.token), options: TestClient.options)
    _ = try await desk.submit(sample.workshop, by: person)
    return saved.id
  }

  /// All copies of these services.
  fileprivate func kills(_ services: ServiceName...) -> [Disaster] {
    let ports = Set(services.flatMap { system.copies(of: $0).map(\.grpcPort) })
    return system.services.indices.filter { ports.contains(system.services[$0].grpcPort) }.map(Disaster.kill)
  }

  fileprivate func strike(_ disasters: [Disaster]) async throws {
    for disaster in disasters { try await strike(disaster) }
  }

  /// Does `work`; as soon as it has begun, `disasters` happen.
  fileprivate func struck(
    by disasters: [Disaster], once hasBegun: @Sendable () async throws -> Bool,
    during work: @escaping @Sendable () async throws -> Void
  ) async throws {
    async let working: Void = work()
    try await eventually(within: .seconds(60), "it has begun", hasBegun)
    try await strike(disasters)
    try await becomesReady()
    try await working
  }

  fileprivate func awaitListed(_ id: String, for approver: Caller) async throws {
    try await eventually(within: .seconds(60), "the request is listed") {
      try await desk.pending(for: approver).map(\.id).contains(id)
    }
  }

  fileprivate func secondAdministrator() throws -> Caller {
    Caller(
      name: "second",
      token: try system.issuer.mint(
        issuerName: sample.name, subject: "second", email: "second@\(sample.name).example",
        roles: ["administrator"]))
  }
}
