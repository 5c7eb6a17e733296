import Contracts
import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Messaging
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: a person with two identities is one person, through all services.
  @Suite("Linking people") struct LinkingTests {
    @Test("A sponsor linked to whoever asks decides nothing for them, and one of the two holds a package")
    func linked() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let people = try await running.system.issuer.strangers(2)
      let asked = try await running.desk.submit(running.sample.phoenix, by: people[0])
      let other = try await running.desk.submit(running.sample.workshop, by: people[1])
      try await running.awaitPending([asked.id])
      let sponsor = try running.system.issuer.sponsor()
      let names = ["ada", people[0].name, people[1].name].map { "\($0)@fabrikam.example" }
      #expect(try await running.person("link", names[0], names[1], names[2]).contains("one person"))

      try await eventually(within: .seconds(20), "the sponsor may not decide") {
        try await !running.desk.pending(for: sponsor).map(\.id).contains(asked.id)
      }
      let refused = try await refusal { try await running.desk.decide(asked.id, .approve, by: sponsor) }
      #expect(refused?.reasons.map(\.code) == [.ownRequest])
      let twice = try await refusal { try await running.desk.submit(running.sample.workshop, by: people[0]) }
      #expect(twice?.reasons.map(\.code) == [.openRequestExists])
      #expect(twice?.reasons.first?.hint == other.id)

      #expect(try await running.person("unlink", names[0], names[1], names[2]).contains("3 by themselves"))
      try await running.approve([asked.id])
      #expect(
        try await refusal { try await running.desk.submit(running.sample.workshop, by: people[0]) } == nil)
      try await running.comesToRest()
    }

    @Test(
      "Merged, either sign-in is one person, who decides and holds what either did; taken back, they are two")
    func merged() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let people = try await running.system.issuer.strangers(3)
      let held = try await running.desk.submit(running.sample.workshop, by: people[1])
      let own = try await running.desk.submit(running.sample.phoenix, by: people[0])
      try await running.approve([own.id])
      try await eventually(within: .seconds(60), equals: 2) {
        try await running.requests([own.id, held.id], in: "delivered")
      }
      let provisioning = try TestClient(running.system.copies(of: .provisioning)[0])
      for (person, id) in [(people[0], own.id), (people[1], held.id)] {
        _ = try await assignment(id, of: person, provisioning, running)
      }
      let names = [people[0].name, people[1].name].map { "\($0)@fabrikam.example" }
      let trial = try await running.person("merge", names[0], names[1], "--dry-run")
      #expect(trial.contains("both have accounts") && !trial.contains("twice"))
      #expect(try await running.person("merge", names[0], names[1]).contains("final at"))
      // Long before what is remembered of callers is forgotten, and in every service.
      try await eventually(within: .seconds(15), "whoever signs in as either sees what both hold") {
        for (person, id) in [(people[0], held.id), (people[1], own.id)] {
          if try await refusal(of: { try await running.desk.request(id, of: person) }) != nil { return false }
          if try await refusal(of: { try await assignment(id, of: person, provisioning, running) }) != nil {
            return false
          }
        }
        return true
      }
      #expect(try await running.person("unmerge", names[1]).contains("1 by themselves"))
      try await eventually(within: .seconds(15), "they are two again") {
        let atIntake = try await refusal { try await running.desk.request(own.id, of: people[1]) }
        let atProvisioning = try await refusal {
          try await assignment(own.id, of: people[1], provisioning, running)
        }
        return atIntake != nil && atProvisioning != nil
      }
      #expect(try await running.desk.request(held.id, of: people[1]).id == held.id)
      try await running.comesToRest()
    }

    @Test(
      "When a merge is final, of what is held twice one ends: its approval, access, roles, account and clock, too"
    )
    func final() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let people = try await running.system.issuer.strangers(2)
      let (desk, sample) = (running.desk, running.sample)
      let old = try await desk.submit(sample.workshop, by: people[1])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([old.id], in: "delivered")
      }
      // It ends later, so it stays.
      let own = try await desk.submit(sample.workshop, by: people[0])
      let phoenix = try await desk.submit(sample.phoenix, by: people[0])
      let waiting = try await desk.submit(sample.phoenix, by: people[1])
      try await running.approve([phoenix.id])
      try await running.awaitPending([waiting.id])
      try await eventually(within: .seconds(60), equals: 2) {
        try await running.requests([own.id, phoenix.id], in: "delivered")
      }
      let names = people.map { "\($0.name)@fabrikam.example" }
      let merged = try await running.person("merge", names[0], names[1])
      #expect(merged.contains("final at"))
      try await running.comesToRest()
      #expect(try await running.assignments([old.id, own.id, phoenix.id], in: "delivered") == 3)

      try await sevenDaysPass(of: old.target.subject, running)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment
          WHERE id = '\(old.id)' AND state = 'expired' AND end_reason = 'heldTwice'
          """)
      }
      try await running.comesToRest()
      #expect(try await running.requests([waiting.id], in: "canceled") == 1)
      #expect(
        try await running.number(
          "SELECT count(*) FROM approval.approval WHERE id = '\(waiting.id)' AND state = 'canceled'") == 1)
      #expect(try await running.assignments([own.id, phoenix.id], in: "delivered") == 2)
      #expect(try await running.memberships(of: [own.target.subject]) == 3)
      #expect(try await running.memberships(of: [old.target.subject]) == 0)
      #expect(
        try await running.rows(
          "SELECT presence FROM provisioning.guest WHERE id = '\(old.target.subject)' AND delete_due_at IS NOT NULL"
        ) == ["blocked"])
      #expect(
        try await running.number(
          "SELECT count(*) FROM expiry.deadline WHERE aggregate = '\(old.id)' AND due_at IS NOT NULL") == 0)
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM expiry.deadline
          WHERE aggregate IN ('\(own.id)', '\(phoenix.id)', '\(old.target.subject)') AND due_at IS NOT NULL
          """) == 3)

      // Whoever signs in as the merged one is the survivor, for good.
      await #expect(throws: LocalSystemError.self) { try await running.person("unmerge", names[1]) }
      for person in people { #expect(try await desk.request(phoenix.id, of: person).id == phoenix.id) }
      let twice = try await refusal { try await desk.submit(sample.workshop, by: people[1]) }
      #expect(twice?.reasons.map(\.hint) == [own.id])
    }

    /// As provisioning shows it to whoever holds it.
    private func assignment(
      _ id: String, of person: Caller, _ provisioning: TestClient, _ running: RunningSystem
    ) async throws -> String {
      try await provisioning.assignments.get(
        .with { ($0.tenant, $0.id) = (running.sample.id.text, id) }, metadata: .bearer(person.token),
        options: TestClient.options
      ).assignment.id
    }

    /// As if they had: the merge could have been taken back until a second ago.
    private func sevenDaysPass(of merged: String, _ running: RunningSystem) async throws {
      _ = try await running.rows(
        """
        WITH past AS (SELECT now() - interval '1 second' AS due),
          final AS (UPDATE intake.subject_merge SET final_at = due FROM past WHERE merged = '\(merged)')
        UPDATE intake.deadline SET due_at = due FROM past WHERE aggregate = '\(merged)' AND kind = 'merge'
        """)
    }
  }
}
