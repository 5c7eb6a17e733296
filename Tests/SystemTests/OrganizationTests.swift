import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what happens to an organization happens to its people, through all services.
  @Suite("Organizations") struct OrganizationTests {
    @Test("An organization ends: access goes, guests are blocked, and it refuses until it is reopened")
    func end() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await running.apply(SampleTenant.organizations)
      let (desk, package) = (running.desk, running.sample.package("northwind-files"))
      let people = try await running.system.issuer.strangers(30, of: "northwind")
      let made = try await concurrently(people.count) { try await desk.submit(package, by: people[$0]) }
      let (ids, subjects) = (made.map(\.id), made.map(\.target.subject))
      try await eventually(within: .seconds(60), equals: 30) {
        try await running.requests(ids, in: "delivered")
      }

      let dryRun = try await running.organizations("end", "northwind", "--dry-run")
      // Other tests may have left somebody of theirs there.
      let extent = try #require(dryRun.firstMatch(of: /(\d+) assignments of (\d+) people would end/))
      #expect(Int(extent.1).map { $0 >= 30 } == true && extent.1 == extent.2)
      try await running.withSecondAdministrator { try await running.organizations("end", "northwind") }
      try await eventually(within: .seconds(60), equals: 30) {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment a JOIN provisioning.guest g ON g.id = a.target
          WHERE a.id = ANY('{\(ids.joined(separator: ","))}') AND a.state = 'expired'
            AND a.end_reason = 'organizationEnded' AND g.presence = 'blocked'
          """)
      }
      #expect(try await running.memberships(of: subjects) == 0)
      let shown = try await running.vestibule(
        "guest", "show", "\(people[0].name)@northwind.example", "--tenant", running.sample.name)
      #expect(shown.contains("deletionScheduled"))
      try await eventually(within: .seconds(20), "the guest was told of the block") {
        try await running.vestibule(
          "guest", "notices", "\(people[0].name)@northwind.example", "--tenant", running.sample.name
        ).contains("guestBlocked")
      }
      #expect(
        try await running.vestibule("guest", "zombies", "--tenant", running.sample.name).contains(
          "no zombies"))
      let late = try await running.system.issuer.strangers(1, of: "northwind")[0]
      #expect(
        try await refusal { try await desk.submit(package, by: late) }?.reasons.map(\.code) == [
          .organizationEnded
        ])
      #expect(try await running.organizations("list", "--state", "ended").contains("northwind"))

      try await running.organizations("reopen", "northwind")
      try await eventually("the organization is open again") {
        try await refusal { try await desk.submit(package, by: late) } == nil
      }
      try await running.comesToRest()
    }

    @Test(
      "People of an organization that nobody knows ask: it is proposed once, listed, configured, rejected")
    func proposal() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await running.apply(SampleTenant.organizations)
      let (desk, package) = (running.desk, running.sample.package("open-days"))
      let name = "litware-\(UUID().uuidString.prefix(8).lowercased())"
      let people = try await running.system.issuer.strangers(20, of: "partners/\(name)")
      let made = try await concurrently(people.count) { try await desk.submit(package, by: people[$0]) }
      let (ids, manager) = (made.map(\.id), try running.system.issuer.partnerManager())
      try await eventually(within: .seconds(60), "requests wait for the partner manager") {
        Set(ids).isSubset(of: try await desk.pending(for: manager).map(\.id))
      }
      #expect(try await desk.approveAll(ids, by: manager) == 20)
      try await eventually(within: .seconds(60), equals: 20) {
        try await running.requests(ids, in: "delivered")
      }
      let organizations = Set(made.map(\.organization))
      #expect(organizations.count == 1)
      let id = try #require(organizations.first)
      let proposed = "proposed-\(id.suffix(12))"
      #expect(try await running.organizations("list", "--state", "proposed").contains(proposed))
      #expect(
        try await running.organizations("configure", proposed, "--rename", name).contains(
          "\(name): configured"))
      #expect(try await running.organizations("list", "--state", "configured").contains(name))
      try await running.withSecondAdministrator { try await running.organizations("reject", name) }
      try await eventually(within: .seconds(60), equals: 20) {
        try await running.assignments(ids, in: "expired")
      }
      try await running.comesToRest()
    }
  }
}

extension RunningSystem {
  @discardableResult
  func organizations(_ command: String, _ arguments: String...) async throws -> String {
    try await vestibule(["organizations", command] + arguments + ["--tenant", sample.name])
  }
}
