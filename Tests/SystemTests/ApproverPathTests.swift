import Contracts
import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: whoever a stage asks is who decides, and is named only where the stage says so, through all services.
  @Suite("Whom a stage asks") struct ApproverPathTests {
    /// Mona has no account, and has never signed in: she is known by her address.
    private static let people = """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      subjects:
        - { name: mona, displayName: Mona, email: mona@contoso.example, kind: member }
        - name: theo
          displayName: Theo
          email: theo@contoso.example
          kind: member
          manager: mona
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/contoso", subject: theo }]
        - name: uma
          displayName: Uma
          email: uma@fabrikam.example
          sponsors: [mona]
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/fabrikam", subject: uma }]
      """

    private func running() async throws -> RunningSystem {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      return running
    }

    private func caller(_ name: String, of issuer: String, _ running: RunningSystem) throws -> Caller {
      Caller(
        name: name,
        token: try running.system.issuer.mint(
          issuerName: issuer, subject: name, email: "\(name)@\(issuer).example"))
    }

    private func awaitListed(_ id: String, for approver: Caller, _ running: RunningSystem) async throws {
      try await eventually(within: .seconds(60), "the request is listed") {
        try await running.desk.pending(for: approver).map(\.id).contains(id)
      }
    }

    @Test(
      "A manager, and whoever answers for somebody, known by an address alone: they decide and take back, unnamed"
    )
    func relations() async throws {
      let running = try await running()
      let file = running.system.options.directory.appending(path: "approver-paths.yaml")
      try Self.people.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      let (desk, sample) = (running.desk, running.sample)
      let mona = try caller("mona", of: "contoso", running)
      let monaID = UUID(namedBy: [sample.id.text, "subject", "mona"]).text
      for (person, package, capacity) in [
        (try caller("theo", of: "contoso", running), "travel-desk", "requestorManager"),
        (try caller("uma", of: "fabrikam", running), "visitor-badges", "targetUserSponsor"),
      ] {
        let asked = try await desk.submit(sample.package(package), by: person)
        try await awaitListed(asked.id, for: mona, running)
        let standIn = try await refusal {
          try await desk.decide(asked.id, .approve, by: running.system.issuer.partnerManager())
        }
        #expect(standIn?.reasons.map(\.code).contains(.notAnApprover) == true)
        try await desk.decide(asked.id, .approve, by: mona)
        try await eventually(within: .seconds(60), equals: 1) {
          try await running.requests([asked.id], in: "delivered")
        }
        try await desk.revoke(asked.id, by: mona)
        try await eventually(within: .seconds(60), "it is taken back") {
          try await desk.requests(of: person).contains {
            $0.assignment == asked.assignment && $0.requestType == .approverRemove && $0.state == .delivered
          }
        }
        let approval = try await desk.approval(asked.id, as: person)
        #expect(approval.stages[0].decisions.map(\.capacity) == [capacity])
        #expect(approval.stages[0].decisions.map(\.decidedBy) == [""] && approval.hasRevocation)
        #expect(try !approval.jsonString().contains(monaID))
        for request in try await desk.requests(of: person) {
          #expect(try !request.jsonString().contains(monaID))
        }
        #expect(try await desk.approval(asked.id, as: mona).stages[0].decisions.map(\.decidedBy) == [monaID])
      }
      try await running.comesToRest()
    }

    @Test(
      "What the sponsor leaves undecided is escalated in time: our own sponsor decides it then, and the next stage"
    )
    func escalation() async throws {
      let running = try await running()
      let (desk, issuer) = (running.desk, running.system.issuer)
      let (sponsor, manager) = (try issuer.sponsor(), try issuer.partnerManager())
      let asked = try await desk.submit(
        running.sample.package("design-archive"), by: try await issuer.strangers(1)[0],
        answers: ["project": ["DE-4711"]])
      try await awaitListed(asked.id, for: sponsor, running)
      let early = try await refusal { try await desk.decide(asked.id, .approve, by: manager) }
      #expect(early?.reasons.map(\.code).contains(.notAnApprover) == true)
      try await aWeekPasses(for: asked.id, running)
      try await awaitListed(asked.id, for: manager, running)
      #expect(
        try await desk.pending(for: sponsor).map(\.id).contains(asked.id), "who was asked first still may")
      let decided = try await desk.decide(asked.id, .approve, by: manager)
      #expect(decided.stages[0].isEscalated && decided.stage == 2)
      #expect(decided.stages[0].decisions.map(\.capacity) == ["escalation"])
      #expect(try await desk.decide(asked.id, .approve, by: manager).state == .approved)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      try await running.comesToRest()
    }

    /// As if the stage had opened a week ago, for its owner and for the clock alike.
    private func aWeekPasses(for id: String, _ running: RunningSystem) async throws {
      _ = try await running.rows(
        """
        BEGIN;
        CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
          SELECT '\(id)'::uuid AS id, date_trunc('second', clock_timestamp()) AS due;
        UPDATE approval.deadline d SET due_at = due FROM moved m WHERE m.id = d.aggregate;
        UPDATE approval.approval a SET stages = jsonb_set(stages, '{0,openedAt}', to_jsonb(to_char(
          (due - interval '604800 seconds') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
          FROM moved m WHERE m.id = a.id;
        COMMIT
        """)
    }
  }
}
