import Contracts
import EntitlementModel
import Foundation
import Identity
import LocalSystem
import Protocols
import TestSupport
import Testing

extension WholeSystem {
  /// Goal: nobody widens privileged access, or cuts many people off, alone.
  @Suite("Confirmations") struct ConfirmationTests {
    static let litware = SampleTenant(name: "litware")

    @Test(
      "What widens waits, by `apply` too, until a second administrator confirms; so does a denial that hits 60"
    )
    func guards() async throws {
      let running = try await RunningSystem.shared()
      let desk = running.desk(of: Self.litware)
      let (vault, lounge) = (Self.litware.package("vault"), Self.litware.package("lounge"))
      let people = try await running.system.issuer.strangers(60, of: "proseware")

      let applied = try await running.apply(SampleTenant.guards)
      #expect(applied.contains("? assignmentPolicy vault: confirmationRequired"))
      #expect(applied.contains("+ assignmentPolicy lounge"))
      try await eventually(within: .seconds(60), "proseware's people are known") {
        try await refusal { try await desk.submit(vault, by: people[0]) }?.reasons.map(\.code) == [
          .policyNotMatched
        ]
      }
      let widening = try #require(try await running.waitingChanges(in: Self.litware).first)
      #expect(widening.line.contains("widens: audienceWider"))
      // The one who asked is refused.
      await #expect(throws: (any Error).self) {
        try await running.confirm(widening, in: Self.litware, asSecond: false)
      }
      try await running.confirm(widening, in: Self.litware)
      try await eventually("the vault is open") {
        try await refusal { try await desk.submit(vault, by: people[0]) } == nil
      }
      #expect(try await running.apply(SampleTenant.guards).contains("nothing to change"))
      #expect(try await running.vestibule("export", "--tenant", "litware").contains("retention: P730D"))

      let made = try await concurrently(people.count) { try await desk.submit(lounge, by: people[$0]) }
      try await eventually(within: .seconds(60), equals: 60) {
        try await running.requests(made.map(\.id), in: "delivered")
      }
      let dryRun = try await running.vestibule(
        "apply", "--dry-run", "-f", SampleTenant.guards.path,
        environment: ["VESTIBULE_DENIED_DOMAIN": "proseware.example"])
      #expect(dryRun.contains("? domains: would wait for a second administrator: concerns 60 people"))
      #expect(try await running.waitingChanges(in: Self.litware).isEmpty)
      let denial = try await running.vestibule(
        "apply", "-f", SampleTenant.guards.path, environment: ["VESTIBULE_DENIED_DOMAIN": "proseware.example"]
      )
      #expect(denial.contains("? domainList domains: confirmationRequired"))
      let waiting = try #require(try await running.waitingChanges(in: Self.litware).first)
      #expect(waiting.people == 60)
      let late = try await running.system.issuer.strangers(2, of: "proseware")
      #expect(try await refusal { try await desk.submit(lounge, by: late[0]) } == nil)
      await #expect(throws: (any Error).self) {
        try await running.confirm(waiting, in: Self.litware)
      }
      try await running.confirm(waiting, people: 61, in: Self.litware)
      #expect(
        try await refusal { try await desk.submit(lounge, by: late[1]) }?.reasons.map(\.code) == [
          .domainDenied
        ])
      #expect(try await running.waitingChanges(in: Self.litware).isEmpty)
      try await running.comesToRest()
    }

    @Test("Saving a policy by `apply` says which other it outranks")
    func warnings() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.guards)
      let name = "lounge-\(UUID().uuidString.prefix(8).lowercased())"
      let wide = """
        assignmentPolicies:
          - name: \(name)
            accessPackage: lounge
            displayName: Every partner's people
            allowedTargetScope: allConfiguredConnectedOrganizationUsers
            expiration: { type: afterDuration, duration: P30D }

        """
      let text = try String(contentsOf: SampleTenant.guards, encoding: .utf8)
        .replacing("assignmentPolicies:\n", with: wide)
        .replacing(
          "accessPackage: lounge\n    displayName: Proseware's",
          with: "accessPackage: lounge\n    displayName: \(name)")
      let file = running.system.options.directory.appending(path: "warnings.yaml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      let applied = try await running.apply(file)
      #expect(applied.contains("! lounge: policyOutranked"))
    }

    @Test("A resource is refreshed from its origin; a role that is gone and held stays, and is reported")
    func refresh() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.guards)
      let lounge = "id = 'lounge' AND tenant = '\(Self.litware.id.text)'"
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number("SELECT count(*) FROM directory.resource WHERE \(lounge)")
      }
      for (offered, expected) in [
        ("visitor,keeper", "roles: visitor, keeper  refreshed"),
        ("keeper", "roles: visitor, keeper  vanished at its origin, held by packages: visitor"),
      ] {
        _ = try await running.rows("UPDATE directory.resource SET roles = '{\(offered)}' WHERE \(lounge)")
        #expect(try await running.resources("refresh", "lounge").contains("1 asked"))
        try await eventually(within: .seconds(60), "the lounge offers \(offered)") {
          try await running.resources("list").contains(expected)
        }
      }
      try await running.comesToRest()
    }
  }
}

extension RunningSystem {
  @discardableResult
  fileprivate func resources(_ arguments: String...) async throws -> String {
    try await vestibule(["resources"] + arguments + ["--tenant", "litware"])
  }
}
