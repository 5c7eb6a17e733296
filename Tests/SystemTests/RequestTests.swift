import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: whatever people can be asked, and can ask, happens, through all services.
  @Suite("Requests and questions") struct RequestTests {
    private func running() async throws -> RunningSystem {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      return running
    }

    /// The sample's second file with other words in it; what it names anew stands beside the rest.
    private func apply(_ changes: [String: String], to running: RunningSystem) async throws {
      let sample = try String(contentsOf: SampleTenant.policies, encoding: .utf8)
      let file = running.system.options.directory.appending(path: "\(UUID().uuidString).yaml")
      try changes.reduce(sample) { $0.replacing($1.key, with: $1.value) }
        .write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
    }

    @Test("Terms are read in one's language, demanded, accepted, and asked again in a new version")
    func terms() async throws {
      let running = try await running()
      let (desk, portal) = (running.desk, running.sample.package("terms-portal"))
      let names = ["supplier-portal": "terms-portal", "partner-agreement": "terms-agreement"]
      try await apply(names, to: running)
      let people = try await running.system.issuer.strangers(2)
      let shown = try await desk.requirements(of: portal, for: people[0], languages: "de-CH, en;q=0.5")
      #expect(shown.displayName == "Lieferantenportal")
      let demanded = try #require(shown.policies.first?.terms.first)
      #expect(!demanded.isAccepted)
      let text = try await desk.read(demanded.terms, for: people[0], languages: "de-CH, en;q=0.5")
      #expect(
        text.languageCode == "de" && text.text.contains("bleibt hier") && text.version == demanded.version)

      let silent = try await refusal { try await desk.submit(portal, by: people[0]) }
      #expect(silent?.reasons.map(\.code) == [.termsNotAccepted])
      let asked = try await desk.submit(portal, by: people[0], accepting: [demanded.terms: demanded.version])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }

      let next = demanded.version + 1
      let texts = ["version: 1": "version: \(next)", "stays here": "is ours"]
      try await apply(names.merging(texts) { $1 }, to: running)
      let outdated = try await refusal {
        try await desk.submit(portal, by: people[1], accepting: [demanded.terms: demanded.version])
      }
      #expect(outdated?.reasons.first?.hint.contains("version=\(next)") == true)
      #expect(
        try await desk.submit(portal, by: people[1], accepting: [demanded.terms: next]).termsAcceptance
          == .accepted)
      #expect(
        try await running.number(
          "SELECT count(*) FROM intake.terms_acceptance WHERE terms = '\(demanded.terms)' AND language = ''")
          >= 2)
      try await running.comesToRest()
    }

    @Test(
      "A partner's sponsor asks for somebody by address; the next stage decides; the person signs in and has it"
    )
    func onBehalf() async throws {
      let running = try await running()
      let (desk, supplierDesk) = (running.desk, running.sample.package("supplier-desk"))
      let (sponsor, manager) = (
        try running.system.issuer.sponsor(), try running.system.issuer.partnerManager()
      )
      let person = try await running.system.issuer.strangers(1)[0]
      let foreign = try await refusal {
        try await desk.submit(supplierDesk, by: sponsor, for: "\(person.name)@elsewhere.example")
      }
      #expect(foreign?.reasons.map(\.code) == [.forbidden])
      let asked = try await desk.submit(supplierDesk, by: sponsor, for: "\(person.name)@fabrikam.example")
      try await eventually(within: .seconds(60), "the second stage waits") {
        try await desk.pending(for: manager).contains { $0.id == asked.id && $0.stage == 2 }
      }
      let own = try await refusal { try await desk.decide(asked.id, .approve, by: sponsor) }
      #expect(own != nil)
      try await desk.decide(asked.id, .approve, by: manager)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      // The first sign-in that proves the address is that person's.
      #expect(try await desk.request(asked.id, of: person).status == "Delivered")
      #expect(try await running.memberships(of: [asked.target.subject]) == 1)
      try await desk.giveBack(asked.assignment, by: sponsor)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      try await running.comesToRest()
    }
  }
}
