import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what an access package's owner can ask for is what happens, through all services.
  @Suite("The whole policy") struct PolicyTests {
    private static let answers = ["project": ["DE-4711"], "material": ["models", "drawings"]]

    private func running() async throws -> RunningSystem {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      return running
    }

    @Test("Two stages decide with the answers before them, and the second gives less than was asked for")
    func stagesAndQuestions() async throws {
      let running = try await running()
      let (desk, archive) = (running.desk, running.sample.package("design-archive"))
      let person = try await running.system.issuer.strangers(1)[0]
      let (sponsor, manager) = (
        try running.system.issuer.sponsor(), try running.system.issuer.partnerManager()
      )
      let silent = try await refusal { try await desk.submit(archive, by: person) }
      #expect(silent?.reasons.map(\.code) == [.answerRequired])
      let asked = try await desk.submit(archive, by: person, answers: Self.answers)
      try await running.awaitPending([asked.id])
      let early = try await refusal { try await desk.decide(asked.id, .approve, by: manager) }
      #expect(early?.reasons.map(\.code).contains(.notAnApprover) == true)

      #expect(try await desk.decide(asked.id, .approve, by: sponsor).stage == 2)
      let waiting = try await desk.pending(for: manager).first { $0.id == asked.id }
      let seen = try #require(waiting).answers.map { ($0.question, $0.values) }
      #expect(Dictionary(uniqueKeysWithValues: seen) == Self.answers)
      let end = Date(
        timeIntervalSince1970: Date().addingTimeInterval(30 * 86_400).timeIntervalSince1970.rounded())
      try await desk.decide(asked.id, .approve, by: manager, end: end)

      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment a JOIN expiry.deadline d ON d.aggregate = a.id
          WHERE a.id = '\(asked.id)' AND a.ends_at = to_timestamp(\(Int(end.timeIntervalSince1970)))
          """) == 1)
      try await running.comesToRest()
    }

    @Test(
      "A delegate whom only a file has named decides for the approver, and no longer once that is taken back")
    func delegation() async throws {
      let running = try await running()
      let (desk, archive) = (running.desk, running.sample.package("design-archive"))
      let people = try await running.system.issuer.strangers(2)
      let (sponsor, manager) = (
        try running.system.issuer.sponsor(), try running.system.issuer.partnerManager()
      )
      let asked = try await concurrently(2) { number in
        try await desk.submit(archive, by: people[number], answers: Self.answers)
      }
      try await running.awaitPending(asked.map(\.id))
      for request in asked { try await desk.decide(request.id, .approve, by: sponsor) }
      let early = try await refusal { try await desk.decide(asked[0].id, .approve, by: sponsor) }
      #expect(early?.reasons.map(\.code).contains(.notAnApprover) == true)
      let ada = UUID(namedBy: [running.sample.id.text, "subject", "ada"]).text
      try await desk.delegate(to: ada, by: manager)
      try await desk.decide(asked[0].id, .approve, by: sponsor)
      try await desk.delegate(to: "", by: manager)
      let late = try await refusal { try await desk.decide(asked[1].id, .approve, by: sponsor) }
      #expect(late?.reasons.map(\.code).contains(.notAnApprover) == true)
      try await desk.decide(asked[1].id, .approve, by: manager)
      try await eventually(within: .seconds(60), equals: 2) {
        try await running.requests(asked.map(\.id), in: "delivered")
      }
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM approval.approval
          WHERE id = ANY('{\(asked.map(\.id).joined(separator: ","))}') AND stages::text LIKE '%\(ada)%onBehalfOf%'
          """) == 1)
      try await running.comesToRest()
    }

    @Test("A sponsor takes back what was approved: access ends, and the guest is blocked")
    func revocation() async throws {
      let running = try await running()
      let person = try await running.system.issuer.strangers(1)[0]
      let asked = try await running.desk.submit(running.sample.phoenix, by: person)
      try await running.approve([asked.id])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      let stranger = try running.system.issuer.partnerManager()
      let refused = try await refusal { try await running.desk.revoke(asked.id, by: stranger) }
      #expect(refused?.reasons.map(\.code) == [.notAnApprover])
      try await running.desk.revoke(asked.id, by: running.system.issuer.sponsor())
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment a JOIN provisioning.guest g ON g.id = a.target
          WHERE a.id = '\(asked.id)' AND a.state = 'expired' AND a.end_reason = 'revokedByApprover'
            AND g.presence = 'blocked'
          """)
      }
      #expect(try await running.memberships(of: [asked.target.subject]) == 0)
      try await running.comesToRest()
    }

    @Test("Packages that exclude each other: asked for at once by twenty, each gets one of the two")
    func separation() async throws {
      let running = try await running()
      let packages = ["order-entry", "order-release"].map(running.sample.package)
      let people = try await running.system.issuer.strangers(20)
      let made = try await concurrently(people.count * 2) { number -> String? in
        var id: String?
        let refused = try await refusal {
          id = try await running.desk.submit(packages[number % 2], by: people[number / 2]).id
        }
        #expect(refused.map { $0.reasons.map(\.code) == [.incompatibleAccess] } ?? true)
        return id
      }.compactMap(\.self)
      #expect(made.count == people.count)
      try await eventually(within: .seconds(60), equals: people.count) {
        try await running.requests(made, in: "delivered")
      }
      try await running.comesToRest()
    }

    @Test("A package that changes while fifty hold it: all get the new role, and lose it when it goes")
    func packageChanges() async throws {
      let running = try await running()
      let people = try await running.system.issuer.strangers(50)
      let made = try await concurrently(people.count) { number in
        try await running.desk.submit(running.sample.package("order-entry"), by: people[number])
      }
      let (ids, subjects) = (made.map(\.id), made.map(\.target.subject))
      try await eventually(within: .seconds(60), equals: 50) {
        try await running.requests(ids, in: "delivered")
      }
      let clerk = "      - { resource: order-system, role: clerk }\n"
      let sample = try String(contentsOf: SampleTenant.policies, encoding: .utf8)
      let file = running.system.options.directory.appending(path: "order-entry.yaml")
      try sample.replacing(clerk, with: clerk + clerk.replacing("clerk", with: "releaser"))
        .write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      try await eventually(within: .seconds(60), equals: 100) {
        try await running.memberships(of: subjects)
      }
      try await running.withSecondAdministrator { try await running.apply(SampleTenant.policies) }
      try await eventually(within: .seconds(60), equals: 50) {
        try await running.memberships(of: subjects)
      }
      try await running.comesToRest()
    }

    @Test("The file is applied once: the second time there is nothing to change, and export gives it back")
    func roundTrip() async throws {
      let running = try await running()
      #expect(try await running.apply(SampleTenant.policies).contains("nothing to change"))
      let exported = try await running.vestibule("export", "--tenant", "contoso")
      for word in [
        "regexPattern", "escalationApprovers", "incompatibleAccessPackages", "durationBeforeEscalation",
        "approvalException", "administratorsMayDecide", "requestorManager", "targetUserSponsors",
        "approverInformationVisibility: notVisible",
      ] {
        #expect(exported.contains(word), "\(word)")
      }
    }
  }
}
