import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what is told before access ends, and what a contract's end does, through all services.
  @Suite("Contracts that end") struct ContractTests {
    private let name = "woodgrove-\(UUID().uuidString.prefix(8).lowercased())"

    @Test(
      "A contract caps access, is told of and ends it; people are told before; governance decides who goes")
    func contract() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await running.apply(SampleTenant.organizations)
      try await configure(running)
      let (issuer, desk) = (running.system.issuer, running.desk)
      let people = try (0..<2).map { _ in
        try issuer.stranger(of: "partners/\(name)", domain: "\(name).example")
      }
      let held = try await concurrently(people.count) {
        try await desk.submit(running.sample.package(name), by: people[$0])
      }
      let other = try await desk.submit(running.sample.package("\(name)-audits"), by: people[0])
      let ids = held.map(\.id) + [other.id]
      try await eventually(within: .seconds(60), equals: 3) {
        try await running.requests(ids, in: "delivered")
      }

      // Its end is entered: nothing lasts longer, and ada, who answers for them, is told in good time.
      let end = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 + 30).rounded()) + .days(30)
      try await configure(running, contractEnd: end)
      try await eventually(within: .seconds(60), equals: 3) {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment WHERE \(Self.isOne(of: ids))
            AND ends_at = to_timestamp(\(Int(end.timeIntervalSince1970)))
          """)
      }
      try await eventually(within: .seconds(90), equals: 1) {
        try await running.number(
          """
          SELECT count(*) FROM expiry.notice WHERE kind = 'contractEndsIn30Days'
            AND about = '\(UUID(namedBy: [running.sample.id.text, "connectedOrganization", name]).text)'
          """)
      }

      try await tellsBefore(held[0], running)
      try await reportsConflicts(held[0], running)

      // One of the two is governed no longer when everything ends.
      #expect(try await guest("release", held[1], running).contains("1 of 1 changed"))
      try await running.withSecondAdministrator {
        try await configure(running, contractEnd: Date() + 5)
      }
      try await eventually(within: .seconds(60), equals: 3) {
        try await running.assignments(ids, in: "expired")
      }
      try await eventually(within: .seconds(60), "one is blocked, the other stays") {
        let governed = try await guest("show", held[0], running)
        let released = try await guest("show", held[1], running)
        return governed.contains("deletionScheduled") && released.contains("notGoverned")
      }
      #expect(try await guest("govern", held[1], running).contains("1 of 1 changed"))
      #expect(try await guest("show", held[1], running).contains("blockScheduled"))
      try await running.comesToRest()
    }

    @Test("A change that nobody confirmed in seven days waits no longer")
    func confirmationExpires() async throws {
      let running = try await RunningSystem.shared()
      let tenant = SampleTenant(name: "vanarsdel")
      let file = running.system.options.directory.appending(path: "vanarsdel.yaml")
      try String(contentsOf: SampleTenant.guards, encoding: .utf8).replacing("litware", with: "vanarsdel")
        .replacing("proseware", with: "vanarsdel-partners").write(to: file, atomically: true, encoding: .utf8)
      #expect(try await running.apply(file).contains("? assignmentPolicy vault: confirmationRequired"))
      let waiting = try #require(try await running.waitingChanges(in: tenant).first)
      _ = try await running.rows(
        """
        BEGIN;
        UPDATE intake.confirmation SET expires_at = date_trunc('second', now()) WHERE id = '\(waiting.id)';
        UPDATE intake.deadline SET due_at = date_trunc('second', now()) WHERE aggregate = '\(waiting.id)';
        COMMIT
        """)
      try await eventually(within: .seconds(60), "it waits no longer") {
        try await running.waitingChanges(in: tenant).isEmpty
      }
      let listed = try await running.vestibule("confirmations", "list", "--all", "--tenant", tenant.name)
      #expect(listed.contains("\(waiting.id)  expired"))
      await #expect(throws: (any Error).self) { try await running.confirm(waiting, in: tenant) }
      // Asked again, it waits again.
      #expect(try await running.apply(file).contains("? assignmentPolicy vault: confirmationRequired"))
      try await running.comesToRest()
    }

    /// As if the end were fourteen days ahead, and then one.
    private func tellsBefore(_ held: Vestibule_Model_V1_Request, _ running: RunningSystem) async throws {
      for (hours, kind) in [(14 * 24, "assignmentEndsIn14Days"), (24, "assignmentEndsIn1Day")] {
        _ = try await running.rows(
          """
          UPDATE expiry.deadline SET due_at = m, ends_at = m + interval '\(hours) hours'
          FROM (SELECT clock_timestamp() AS m) AS moment WHERE aggregate = '\(held.id)'
          """)
        try await eventually(within: .seconds(60), "the person was told: \(kind)") {
          try await guest("notices", held, running).contains(kind)
        }
      }
    }

    private func reportsConflicts(_ held: Vestibule_Model_V1_Request, _ running: RunningSystem) async throws {
      func report() async throws -> String {
        try await running.vestibule("conflicts", name, "--tenant", running.sample.name)
      }
      #expect(try await report().contains("nobody holds what is to be kept apart"))
      try await configure(running, contractEnd: Date() + .days(40), excludes: true)
      let found = try await report()
      #expect(found.contains(held.id) && found.contains("1 conflicts"))
    }

    private func guest(
      _ command: String, _ held: Vestibule_Model_V1_Request, _ running: RunningSystem
    ) async throws -> String {
      try await running.vestibule(
        "guest", command, held.target.subject, "--tenant", running.sample.name)
    }

    @discardableResult
    private func configure(
      _ running: RunningSystem, contractEnd: Date? = nil, excludes: Bool = false
    ) async throws -> String {
      let end = contractEnd.map { "\n    contractEnd: \"\($0.formatted(.iso8601))\"" } ?? ""
      let excluded = excludes ? "\n    incompatibleAccessPackages: [{ accessPackage: \(name)-audits }]" : ""
      let packages = [name, "\(name)-audits"].map { package in
        """
          - name: \(package)
            catalog: partner-collaboration
            displayName: \(package)
            resourceRoles: [{ resource: northwind-files, role: visitor }]\(package == name ? excluded : "")

        """
      }
      let policies = [name, "\(name)-audits"].map { package in
        """
          - name: \(package)
            accessPackage: \(package)
            displayName: Woodgrove's people
            allowedTargetScope: specificConnectedOrganizationUsers
            specificAllowedTargets: [\(name)]
            expiration: { type: afterDuration, duration: P180D }

        """
      }
      let text = """
        tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
        connectedOrganizations:
          - name: \(name)
            displayName: Woodgrove
            identitySources: [{ issuer: { issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/partners/\(name)" } }]
            internalSponsors: [ada]\(end)
        accessPackages:
        \(packages.joined())assignmentPolicies:
        \(policies.joined())
        """
      let file = running.system.options.directory.appending(path: "\(name).yaml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      return try await running.apply(file)
    }

    private static func isOne(of ids: [String]) -> String { "id = ANY('{\(ids.joined(separator: ","))}')" }
  }
}
