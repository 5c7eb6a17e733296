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
  /// Goal: what waits for nobody comes to those who answer for it, and goes on, through all services.
  @Suite("Nobody to approve") struct RoutingPathTests {
    private static func configuration(sponsors: String) -> String {
      """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      issuers:
        - name: northwind-sign-in
          issuer: ${VESTIBULE_DEVELOPMENT_ISSUER}/northwind
          audience: vestibule
          organization: northwind
          subjectClaim: sub
          jwksUrl: ${VESTIBULE_DEVELOPMENT_ISSUER}/jwks.json
          emailDomains: [northwind.example]
      subjects:
        - { name: otto, displayName: Otto, email: otto@contoso.example, kind: member }
        - name: tess
          displayName: Tess
          email: tess@northwind.example
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/northwind", subject: tess }]
        - name: tina
          displayName: Tina
          email: tina@northwind.example
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/northwind", subject: tina }]
      accessPackages:
        - { name: northwind-files, catalog: partner-collaboration, displayName: Northwind's files }
      connectedOrganizations:
        - name: northwind
          displayName: Northwind
          state: configured
          identitySources: [{ issuer: { issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/northwind" } }]
          externalSponsors: [\(sponsors)]
      assignmentPolicies:
        - name: northwind-files
          accessPackage: northwind-files
          displayName: Northwind's people
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [northwind]
          expiration: { type: afterDuration, duration: P30D }
          requestApprovalSettings:
            isApprovalRequiredForAdd: true
            stages:
              - durationBeforeAutomaticDenial: P7D
                primaryApprovers: [{ externalSponsors: {} }]
                fallbackPrimaryApprovers: [{ singleUser: { subject: otto } }]
      """
    }

    private func apply(sponsors: String, to running: RunningSystem) async throws {
      let file = running.system.options.directory.appending(path: "northwind.yaml")
      try Self.configuration(sponsors: sponsors).write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
    }

    /// What waits for nobody of this package.
    private func routing(_ running: RunningSystem) async throws -> [Vestibule_Model_V1_ApprovalRouting] {
      let text = try await running.vestibule(
        "approvals", "routing", "--json", "--tenant", running.sample.name)
      let package = running.sample.package("northwind-files").text
      return try Vestibule_Model_V1_ApprovalRouting.array(fromJSONString: text)
        .filter { $0.accessPackage == package }
    }

    private func openItems(_ running: RunningSystem) async throws -> Int {
      Int(try #require(try await running.metric("vestibule_open_routing_items", of: .approval)))
    }

    /// What `health` says, which ends with 1.
    private func unhealthy(_ running: RunningSystem) async throws -> String {
      do {
        try await running.vestibule("health", "--tenant", running.sample.name)
      } catch LocalSystemError.commandFailed(_, _, let output) {
        return output
      }
      Issue.record("nothing is wrong")
      return ""
    }

    @Test(
      "A partner's last sponsor leaves: one item, others are named for one request, a sponsor for the rest")
    func lastSponsor() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await apply(sponsors: "tess", to: running)
      let (desk, issuer) = (running.desk, running.system.issuer)
      let people = try await issuer.strangers(3, of: "northwind")
      let package = running.sample.package("northwind-files")
      let asked = try await concurrently(people.count) { try await desk.submit(package, by: people[$0]) }
      let ids = asked.map(\.id)
      func sponsor(_ name: String) throws -> Caller {
        Caller(
          name: name,
          token: try issuer.mint(issuerName: "northwind", subject: name, email: "\(name)@northwind.example"))
      }
      let (tess, tina) = (try sponsor("tess"), try sponsor("tina"))
      try await eventually(within: .seconds(60), "the requests wait for the sponsor") {
        Set(ids).isSubset(of: try await desk.pending(for: tess).map(\.id))
      }
      #expect(try await routing(running).isEmpty)
      for leaver in ["otto@contoso.example", "tess@northwind.example"] {
        try await running.withSecondAdministrator {
          try await running.vestibule("person", "end", leaver, "--tenant", running.sample.name)
        }
      }
      try await eventually(within: .seconds(60), "it is routed") {
        try await routing(running).map(\.waiting) == [3]
      }
      let item = try #require(try await routing(running).first)
      #expect(item.gaps.map(\.absences) == [["approverGone", "noExternalSponsor"]])
      #expect(item.actions == [.nameSponsor, .reassign, .deny])
      #expect(try await openItems(running) >= 1)
      let health = try await unhealthy(running)
      #expect(health.contains("3 requests under northwind-files wait for nobody"))
      #expect(health.contains("policy northwind-files, stage 1: nobody decides for northwind"))
      #expect(health.contains("organization northwind: 0 of at least 2 sponsors"))

      let said = try await running.vestibule(
        "approvals", "reassign", ids[0], "--to", "grace@contoso.example", "--reason", "The sponsor has left",
        "--tenant", running.sample.name)
      #expect(said.contains("\(ids[0]): reassigned"))
      try await desk.decide(ids[0], .approve, by: issuer.partnerManager())
      try await apply(sponsors: "tina", to: running)
      try await eventually(within: .seconds(60), "a sponsor can be found") {
        try await routing(running).isEmpty
      }
      try await eventually(within: .seconds(60), "the gauge follows, whatever of others is open") {
        let open = "SELECT count(*) FROM approval.approval_routing WHERE state = 'open'"
        return try await openItems(running) == running.number(open)
      }
      #expect(try await desk.approveAll(Array(ids[1...]), by: tina) == 2)
      try await eventually(within: .seconds(60), equals: 3) {
        try await running.requests(ids, in: "delivered")
      }
      try await running.comesToRest()
    }
  }
}
