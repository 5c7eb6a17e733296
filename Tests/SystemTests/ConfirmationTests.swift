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

    private static let wingtip = SampleTenant(name: "wingtip")
    private static let approved = """
      tenant: { name: wingtip, displayName: Wingtip, timeZone: Europe/Berlin }
      issuers:
        - name: wingtip-home
          issuer: ${VESTIBULE_DEVELOPMENT_ISSUER}/wingtip
          audience: vestibule
          subjectClaim: sub
          jwksUrl: ${VESTIBULE_DEVELOPMENT_ISSUER}/jwks.json
          mappedRoles: { administrator: tenantAdministrator }
        - name: lucerne-sign-in
          issuer: ${VESTIBULE_DEVELOPMENT_ISSUER}/lucerne
          audience: vestibule
          organization: lucerne
          subjectClaim: sub
          jwksUrl: ${VESTIBULE_DEVELOPMENT_ISSUER}/jwks.json
          emailDomains: [lucerne.example]
      subjects:
        - name: ada
          displayName: Ada
          email: ada@wingtip.example
          kind: member
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/wingtip", subject: ada }]
      catalogs: [{ name: shared, displayName: Shared, state: published, isExternallyVisible: true }]
      resources:
        - name: atrium
          catalog: shared
          displayName: Atrium
          kind: site
          originSystem: directory
          originId: wingtip-atrium
          roles: [visitor]
      accessPackages:
        - name: atrium
          catalog: shared
          displayName: Atrium
          resourceRoles: [{ resource: atrium, role: visitor }]
      connectedOrganizations:
        - name: lucerne
          displayName: Lucerne
          identitySources: [{ issuer: { issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/lucerne" } }]
      assignmentPolicies:
        - name: atrium
          accessPackage: atrium
          displayName: Lucerne's people, approved by Ada
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [lucerne]
          expiration: { type: afterDuration, duration: P30D }
          requestApprovalSettings:
            isApprovalRequiredForAdd: true
            stages:
              - durationBeforeAutomaticDenial: P7D
                primaryApprovers: [{ singleUser: { subject: ada } }]
      """

    @Test(
      "Approvals of 60 that are taken back wait at both services; rejected they stand at both, and go when it is confirmed"
    )
    func revocations() async throws {
      let running = try await RunningSystem.shared()
      let file = running.system.options.directory.appending(path: "wingtip.yaml")
      try Self.approved.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      let (desk, package) = (running.desk(of: Self.wingtip), Self.wingtip.package("atrium"))
      let ada = Caller(
        name: "ada",
        token: try running.system.issuer.mint(
          issuerName: "wingtip", subject: "ada", email: "ada@wingtip.example"))
      let people = try await running.system.issuer.strangers(60, of: "lucerne")
      let ids = try await concurrently(people.count) { try await desk.submit(package, by: people[$0]).id }
      try await eventually(within: .seconds(60), "all wait for Ada") {
        Set(ids).isSubset(of: try await desk.pending(for: ada).map(\.id))
      }
      #expect(try await desk.approveAll(ids, by: ada) == 60)
      try await eventually(within: .seconds(60), equals: 60) {
        try await running.assignments(ids, in: "delivered")
      }

      func revocations(_ state: String) async throws -> [String] {
        try await running.rows(
          """
          SELECT id FROM approval.approval WHERE tenant = '\(Self.wingtip.id.text)' AND revocation_state = '\(state)'
          """)
      }
      func removed() async throws -> Int {
        try await running.number(
          """
          SELECT count(*) FROM intake.request
          WHERE tenant = '\(Self.wingtip.id.text)' AND kind = 'approverRemove' AND state = 'delivered'
          """)
      }
      _ = try await concurrently(ids.count) { try await desk.revoke(ids[$0], by: ada) }
      // What at most fifty had is gone at once; the rest waits.
      try await eventually(within: .seconds(60), "each is taken back or waits") {
        try await removed() + revocations("waiting").count == 60
      }
      let waiting = try await revocations("waiting")
      #expect(waiting.count >= 10)
      for change in try await running.waitingChanges(in: Self.wingtip) {
        try await running.vestibule("confirmations", "reject", change.id, "--tenant", Self.wingtip.name)
      }
      try await eventually(within: .seconds(60), "they stand again") {
        try await Set(revocations("lapsed")) == Set(waiting)
      }
      #expect(try await running.assignments(waiting, in: "delivered") == waiting.count)

      let again = try await concurrently(waiting.count) { try await desk.revoke(waiting[$0], by: ada) }
      #expect(again.allSatisfy { $0.revocation.state == .revoked })
      // Again at most fifty go at once.
      try await eventually(within: .seconds(60), "each is taken back or waits anew") {
        try await removed() + revocations("waiting").count == 60
      }
      let anew = try await revocations("waiting")
      #expect(anew.count >= 10 && Set(anew).isSubset(of: waiting))
      for change in try await running.waitingChanges(in: Self.wingtip) {
        try await running.confirm(change, in: Self.wingtip)
      }
      try await eventually(within: .seconds(60), equals: 60) { try await removed() }
      try await eventually(within: .seconds(60), "they are confirmed") {
        try await Set(revocations("confirmed")) == Set(anew)
      }
      #expect(try await running.assignments(ids, in: "expired") == 60)
      try await running.comesToRest()
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
