import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: access ends on time whoever still thinks about its extension, and comes back when they say yes.
  @Suite("Late extensions") struct LateExtensionTests {
    private static let laboratory = """
      tenant:
        name: contoso
        displayName: Contoso
        timeZone: Europe/Berlin
      accessPackages:
        - name: laboratory
          catalog: partner-collaboration
          displayName: Laboratory
          resourceRoles:
            - { resource: workshop-site, role: visitor }
      assignmentPolicies:
        - name: laboratory-for-fabrikam
          accessPackage: laboratory
          displayName: Fabrikam's people, for seconds
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [fabrikam]
          expiration: { type: afterDuration, duration: DURATION }
          requestApprovalSettings:
            isApprovalRequiredForUpdate: true
            stages:
              - durationBeforeAutomaticDenial: P14D
                primaryApprovers: [{ externalSponsors: {} }]
                fallbackPrimaryApprovers: [{ singleUser: { subject: grace } }]
      """

    private func apply(_ duration: String, _ running: RunningSystem) async throws {
      let file = running.system.options.directory.appending(path: "laboratory.yaml")
      try Self.laboratory.replacing("DURATION", with: duration)
        .write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
    }

    @Test("Approved after the end, it gives access anew; denied, the guest is blocked; meanwhile neither")
    func lateDecision() async throws {
      let running = try await RunningSystem.shared()
      let (desk, laboratory) = (running.desk, running.sample.package("laboratory"))
      let people = try await running.system.issuer.strangers(2)
      try await apply("PT20S", running)
      let asked = try await concurrently(2) { try await desk.submit(laboratory, by: people[$0]) }
      // What is given from now on lasts.
      try await apply("PT4H", running)
      let updates = try await concurrently(2) { number in
        var update: Desk.Request?
        try await eventually(within: .seconds(30), "the last third has begun") {
          let refused = try await refusal {
            update = try await desk.extend(asked[number].assignment, by: people[number])
          }
          return refused == nil
        }
        return try #require(update)
      }
      try await eventually(within: .seconds(60), equals: 2) {
        try await running.assignments(asked.map(\.id), in: "expired")
      }
      let subjects = asked.map(\.target.subject)
      #expect(try await running.memberships(of: subjects) == 0)
      try await running.comesToRest()
      #expect(try await presence(of: subjects, running) == ["active", "active"])
      let beside = try await refusal { try await desk.submit(laboratory, by: people[0]) }
      #expect(beside?.reasons.map(\.code) == [.openRequestExists])
      #expect(beside?.reasons.map(\.hint) == [updates[0].id])

      let sponsor = try running.system.issuer.sponsor()
      try await running.awaitPending(updates.map(\.id))
      try await desk.decide(updates[0].id, .approve, by: sponsor)
      try await desk.decide(updates[1].id, .deny, by: sponsor)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([updates[0].id], in: "delivered")
      }
      try await running.comesToRest()
      #expect(try await running.requests([updates[0].id], in: "delivered") == 1)
      #expect(try await running.memberships(of: subjects) == 1)
      #expect(try await presence(of: subjects, running) == ["active", "blocked"])
      #expect(try await running.assignments(asked.map(\.id), in: "expired") == 2)
      #expect(try await running.assignments(updates.map(\.id), in: "delivered") == 1)
    }

    private func presence(of subjects: [String], _ running: RunningSystem) async throws -> [String] {
      try await running.rows(
        """
        SELECT presence FROM provisioning.guest g
        JOIN unnest('{\(subjects.joined(separator: ","))}'::uuid[]) WITH ORDINALITY AS s (id, n) ON s.id = g.id
        ORDER BY n
        """)
    }
  }
}
