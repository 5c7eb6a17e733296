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
  /// Goal: a group that a policy names decides, as the directory has it, through all services.
  @Suite("Groups, through all services") struct GroupTests {
    private static let configuration = """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      accessPackages:
        - { name: group-approved, catalog: partner-collaboration, displayName: Approved by a group }
      assignmentPolicies:
        - name: group-approved-for-fabrikam
          accessPackage: group-approved
          displayName: Fabrikam's people
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [fabrikam]
          expiration: { type: afterDuration, duration: P30D }
          requestApprovalSettings:
            isApprovalRequiredForAdd: true
            stages:
              - durationBeforeAutomaticDenial: P7D
                primaryApprovers: [{ groupMembers: { group: partner-approvers } }]
                fallbackPrimaryApprovers: [{ singleUser: { subject: ada } }]
      """

    @Test("While nobody is in it the stand-in is asked, then whoever joined, and nobody who has left")
    func decides() async throws {
      let running = try await RunningSystem.shared()
      let file = running.system.options.directory.appending(path: "groups.yaml")
      try await running.apply(SampleTenant.policies)
      try Self.configuration.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      #expect(try await running.apply(file).contains("nothing to change"))
      let (desk, issuer) = (running.desk, running.system.issuer)
      let person = try await issuer.strangers(1)[0]
      let (sponsor, grace) = (try issuer.sponsor(), try issuer.partnerManager())
      let asked = try await desk.submit(running.sample.package("group-approved"), by: person)
      try await awaitListed(asked.id, for: sponsor, desk)
      let graceID = UUID(namedBy: [running.sample.id.text, "subject", "grace"])
      try await change(running, "partner-approvers", graceID, joins: true)
      try await awaitListed(asked.id, for: grace, desk)
      let late = try await refusal { try await desk.decide(asked.id, .approve, by: sponsor) }
      #expect(late?.reasons.map(\.code) == [.notAnApprover])
      #expect(
        try await desk.decide(asked.id, .approve, by: grace).stages[0].decisions.map(\.capacity) == [
          "groupMember"
        ])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      try await change(running, "partner-approvers", graceID, joins: false)
      let another = try await desk.submit(
        running.sample.package("group-approved"), by: try await issuer.strangers(1)[0])
      try await awaitListed(another.id, for: sponsor, desk)
      try await desk.decide(another.id, .approve, by: sponsor)
      try await running.comesToRest()
    }

    private func awaitListed(_ id: String, for approver: Caller, _ desk: Desk) async throws {
      try await eventually(within: .seconds(60), "the request is listed") {
        try await desk.pending(for: approver).map(\.id).contains(id)
      }
    }

    @Test(
      "Whoever is in a group may ask for what is for it, and not for what excludes it; out of it, the reverse"
    )
    func requestors() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let person = try await running.system.issuer.strangers(1)[0]
      let known = try await running.desk.submit(running.sample.workshop, by: person)
      let subject = try #require(UUID(text: known.target.subject))
      #expect(try await codes(running, "order-reports", by: person) == [.policyNotMatched])
      try await change(running, "order-auditors", subject, joins: true)
      try await eventually(within: .seconds(60), "the auditor may ask") {
        try await codes(running, "order-reports", by: person).isEmpty
      }
      #expect(try await codes(running, "order-release", by: person) == [.incompatibleAccess])
      try await change(running, "order-auditors", subject, joins: false)
      try await eventually(within: .seconds(60), "the group excludes nobody who has left it") {
        try await codes(running, "order-release", by: person).isEmpty
      }
      try await running.comesToRest()
    }

    @Test("Who holds what excludes a group gets no package that gives the group, nor the other way round")
    func grants() async throws {
      let running = try await RunningSystem.shared()
      let file = running.system.options.directory.appending(path: "auditing.yaml")
      try await running.apply(SampleTenant.policies)
      try """
      tenant: { name: contoso, displayName: Contoso, timeZone: Europe/Berlin }
      accessPackages:
        - name: auditing
          catalog: partner-collaboration
          displayName: Auditing
          resourceRoles: [{ resource: order-auditors, role: member }]
      assignmentPolicies:
        - name: auditing-for-fabrikam
          accessPackage: auditing
          displayName: Fabrikam's people
          allowedTargetScope: specificConnectedOrganizationUsers
          specificAllowedTargets: [fabrikam]
          expiration: { type: afterDuration, duration: P30D }
      """.write(to: file, atomically: true, encoding: .utf8)
      try await running.apply(file)
      let people = try await running.system.issuer.strangers(2)
      for (first, second) in [("auditing", "order-release"), ("order-release", "auditing")] {
        let person = people[first == "auditing" ? 0 : 1]
        #expect(try await codes(running, first, by: person) == [])
        #expect(try await codes(running, second, by: person).contains(.incompatibleAccess))
      }
      try await running.comesToRest()
    }

    /// Why a request is refused; empty for one that has been made.
    private func codes(_ running: RunningSystem, _ package: String, by person: Caller) async throws
      -> [Reason.Code]
    {
      try await refusal {
        try await running.desk.submit(running.sample.package(package), by: person)
      }?.reasons.map(\.code) ?? []
    }

    private func change(_ running: RunningSystem, _ group: String, _ subject: UUID, joins: Bool) async throws
    {
      let client = try TestClient(running.system.copies(of: .provisioning)[0])
      let token = try running.system.issuer.mint(
        issuerName: "contoso", subject: "second", email: "second@contoso.example", roles: ["administrator"])
      let answer = try await client.directory.changeMembers(
        .with {
          ($0.tenant, $0.group) = (running.sample.id.text, group)
          if joins { $0.added = [subject.text] } else { $0.removed = [subject.text] }
        }, metadata: .bearer(token), options: TestClient.options)
      #expect(answer.added + answer.removed == 1)
    }
  }
}
