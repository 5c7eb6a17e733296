import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Decision 15: a policy for everybody outside asks for approval, or is signed for")
struct PolicyExceptionTests {
  private func save(
    _ intake: IntakeFixture, exception reason: String?, requiresApproval: Bool = false,
    by principal: Principal? = nil
  ) async throws {
    try await intake.put("standard", id: intake.policy, by: principal ?? intake.administrator()) { object in
      object.assignmentPolicy = .with {
        ($0.accessPackage, $0.displayName) = (intake.package.text, "Standard")
        $0.allowedTargetScope = .allExternalUsers
        $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P180D") }
        if let reason { $0.approvalException.reason = reason }
        if requiresApproval {
          $0.requestApprovalSettings.isApprovalRequiredForAdd = true
          $0.requestApprovalSettings.stages = [
            .with {
              $0.durationBeforeAutomaticDenial = "P14D"
              $0.primaryApprovers = [.with { $0.internalSponsors = .init() }]
              $0.fallbackPrimaryApprovers = [.with { $0.singleUser.subject = approver.text }]
            }
          ]
        }
      }
    }
  }

  private let approver = UUID()

  private func owner(_ intake: IntakeFixture) -> Principal {
    intake.administrator([
      GrantedRole(role: .catalogOwner, catalog: intake.catalog),
      GrantedRole(role: .accessPackageManager, catalog: intake.catalog),
    ])
  }

  private func stored(_ intake: IntakeFixture) async throws -> Vestibule_Model_V1_AssignmentPolicy {
    try await intake.read {
      [store = intake.store, tenant = intake.tenant, policy = intake.policy] connection in
      try ReadConfiguration(store: store)
        .get(policy, tenant: tenant, principal: intake.operatorPrincipal, on: connection)
    }.assignmentPolicy
  }

  @Test(
    "Only a tenant's administrator signs; the owner alone does not, nor the operator; it is on record who did"
  )
  func signature() async throws {
    try await IntakeFixture.run { intake in
      for principal in [owner(intake), intake.operatorPrincipal] {
        let refused = try await refusalCodes {
          try await save(intake, exception: "The press kit is public", by: principal)
        }
        #expect(refused == [.forbidden])
      }
      #expect(try await refusalCodes { try await save(intake, exception: nil) } == [.required])
      #expect(try await refusalCodes { try await save(intake, exception: "  ") } == [.required])
      try await save(intake, exception: "The press kit is public")
      let exception = try await stored(intake).approvalException
      #expect(exception.signedBy.externalSubject == "admin")
      #expect(exception.signedAt.instant == intake.now)
      let told = try await intake.told(.policyChanged)
      try await save(intake, exception: "The press kit is public", by: owner(intake))
      #expect(try await intake.told(.policyChanged) == told)
    }
  }

  @Test(
    "It ends with what it is for: approval that is asked for again is not dropped under the old signature")
  func lapses() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.putSubject {
        ($0.id, $0.email) = (approver.text, "approver@contoso.example")
      }
      try await save(intake, exception: "The press kit is public")
      let needless = try await refusalCodes {
        try await save(intake, exception: "The press kit is public", requiresApproval: true)
      }
      #expect(needless == [.outOfRange])
      try await save(intake, exception: nil, requiresApproval: true)
      #expect(try await refusalCodes { try await save(intake, exception: nil) } == [.required])
      let unsigned = try await refusalCodes {
        try await save(intake, exception: "The press kit is public", by: owner(intake))
      }
      #expect(unsigned == [.forbidden])
      #expect(try await stored(intake).requestApprovalSettings.isApprovalRequiredForAdd)
    }
  }

  @Test(
    "Decision 17: of a privileged package it waits all the same, once, and keeps the signature of who asked")
  func privileged() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged()
      let id = try await intake.waiting { try await save(intake, exception: "The press kit is public") }
      intake.wait(.days(1))
      #expect(
        try await intake.waiting { try await save(intake, exception: "The press kit is public") } == id)
      let confirmed = try await intake.confirm(id, by: intake.secondAdministrator)
      #expect(confirmed.confirmation.state == .confirmed)
      #expect(confirmed.confirmation.widens.contains(.audienceWider))
      #expect(try await stored(intake).approvalException.signedBy.externalSubject == "admin")
    }
  }
}
