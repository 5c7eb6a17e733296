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
  /// Goal: what waits for nobody comes to those who answer for it, and goes on, through all services.
  @Suite("Nobody to approve") struct RoutingPathTests {
    private static func configuration(sponsors: String) -> String {
      """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      issuers:
        - name: tailspin-sign-in
          issuer: ${VESTIBULE_DEVELOPMENT_ISSUER}/tailspin
          audience: vestibule
          organization: tailspin
          subjectClaim: sub
          jwksUrl: ${VESTIBULE_DEVELOPMENT_ISSUER}/jwks.json
          emailDomains: [tailspin.example]
      subjects:
        - { name: otto, displayName: Otto, email: otto@contoso.example, kind: member }
        - name: tess
          displayName: Tess
          email: tess@tailspin.example
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/tailspin", subject: tess }]
        - name: tina
          displayName: Tina
          email: tina@tailspin.example
          identities: [{ issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/tailspin", subject: tina }]
      accessPackages:
        - { name: tailspin-files, catalog: partner-collaboration, displayName: Tailspin's files }
      connectedOrganizations:
        - name: tailspin
          displayName: Tailspin
          state: configured
          identitySources: [{ issuer: { issuer: "${VESTIBULE_DEVELOPMENT_ISSUER}/tailspin" } }]
          externalSponsors: [\(sponsors)]
      assignmentPolicies:
        - name: tailspin-files
          accessPackage: tailspin-files
          displayName: Tailspin's people
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [tailspin]
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
      let file = running.system.options.directory.appending(path: "tailspin.yaml")
      try Self.configuration(sponsors: sponsors).write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
    }

    /// What waits for nobody of this package.
    private func routing(_ running: RunningSystem) async throws -> [Vestibule_Model_V1_ApprovalRouting] {
      let text = try await running.vestibule(
        "approvals", "routing", "--json", "--tenant", running.sample.name)
      let package = running.sample.package("tailspin-files").text
      return try Vestibule_Model_V1_ApprovalRouting.array(fromJSONString: text)
        .filter { $0.accessPackage == package }
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
      let people = try await issuer.strangers(3, of: "tailspin")
      let package = running.sample.package("tailspin-files")
      let asked = try await concurrently(people.count) { try await desk.submit(package, by: people[$0]) }
      let ids = asked.map(\.id)
      func sponsor(_ name: String) throws -> Caller {
        Caller(
          name: name,
          token: try issuer.mint(issuerName: "tailspin", subject: name, email: "\(name)@tailspin.example"))
      }
      let (tess, tina) = (try sponsor("tess"), try sponsor("tina"))
      try await eventually(within: .seconds(60), "the requests wait for the sponsor") {
        Set(ids).isSubset(of: try await desk.pending(for: tess).map(\.id))
      }
      #expect(try await routing(running).isEmpty)
      for leaver in ["otto@contoso.example", "tess@tailspin.example"] {
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
      let health = try await unhealthy(running)
      #expect(health.contains("3 requests under tailspin-files wait for nobody"))
      #expect(health.contains("policy tailspin-files, stage 1: nobody decides for tailspin"))
      #expect(health.contains("organization tailspin: 0 of at least 2 sponsors"))

      let said = try await running.vestibule(
        "approvals", "reassign", ids[0], "--to", "grace@contoso.example", "--reason", "The sponsor has left",
        "--tenant", running.sample.name)
      #expect(said.contains("\(ids[0]): reassigned"))
      try await desk.decide(ids[0], .approve, by: issuer.partnerManager())
      try await apply(sponsors: "tina", to: running)
      try await eventually(within: .seconds(60), "a sponsor can be found") {
        try await routing(running).isEmpty
      }
      #expect(try await desk.approveAll(Array(ids[1...]), by: tina) == 2)
      try await eventually(within: .seconds(60), equals: 3) {
        try await running.requests(ids, in: "delivered")
      }
      try await running.comesToRest()
    }
  }
}
