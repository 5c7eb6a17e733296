import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import Testing

@testable import RequestIntake

@Suite("Section 3.1: of several policies the strictest kind counts")
struct PolicyTierTests {
  private let laxer = UUID()

  /// Ann is named by the stricter policy; everybody of a configured organization may ask under the laxer one.
  private func configure(_ intake: IntakeFixture) async throws -> (ann: Principal, bob: Principal) {
    let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
    try await intake.putPolicy {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (
        .specificDirectoryUsers, [ann.subject?.text ?? ""]
      )
    }
    try await intake.putPolicy("laxer", id: laxer) {
      ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allConfiguredConnectedOrganizationUsers, [])
    }
    return (ann, bob)
  }

  @Test("What is listed as what may be asked for is what a submission accepts")
  func listedIsAccepted() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob) = try await configure(intake)
      for person in [ann, bob] {
        let listed = try await self.listed(intake, by: person)
        #expect(listed == [person == ann ? intake.policy : laxer])
        for policy in [intake.policy, laxer] where !listed.contains(policy) {
          let refused = try await intake.submit([
            intake.submission(by: person) { $0.assignmentPolicy = policy }
          ])[0]
          #expect(refused.refusalCodes == [policy == laxer ? .policyOutranked : .policyNotMatched])
        }
        let made = try await intake.submit(by: person) { $0.assignmentPolicy = listed.first }
        #expect(made.assignmentPolicy == listed.first?.text)
      }
    }
  }

  private func listed(_ intake: IntakeFixture, by person: Principal) async throws -> [UUID] {
    let (asked, languages) = (intake.submission(by: person), try LanguagePreference("", at: "languages"))
    return try await intake.read { [store = intake.store, now = intake.now] connection in
      try ReadRequirements(store: store)(asked, in: languages, on: connection, at: now)
    }.policies.compactMap { UUID(text: $0.assignmentPolicy) }
  }

  @Test("Whoever names one that is outranked hears which applies; it applies until it is disabled")
  func refusal() async throws {
    try await IntakeFixture.run { intake in
      let (ann, _) = try await configure(intake)
      let naming = intake.submission(by: ann) { $0.assignmentPolicy = laxer }
      let refused = try await intake.submit([naming])[0]
      guard case .failure(let refusal) = refused else {
        Issue.record("accepted")
        return
      }
      #expect(refusal.reasons.map(\.code) == [.policyOutranked])
      #expect(refusal.reasons.map(\.hint) == [intake.policy.text])
      try await intake.putPolicy {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (
          .specificDirectoryUsers, [ann.subject?.text ?? ""]
        )
        $0.isDisabled = true
      }
      #expect(try await intake.submit([naming])[0].get().assignmentPolicy == laxer.text)
    }
  }

  @Test("Each policy says so to readers of the catalog; administrators assign under whichever they name")
  func administrators() async throws {
    try await IntakeFixture.run { intake in
      let (ann, _) = try await configure(intake)
      let owner = Principal(
        tenant: ann.tenant, subject: ann.subject, organization: ann.organization, issuer: ann.issuer,
        externalSubject: ann.externalSubject, email: ann.email, isMember: false, isOperator: false,
        roles: [GrantedRole(role: .tenantAdministrator)], expiresAt: .distantFuture)
      let asked = intake.submission(by: owner)
      let explanation = try await intake.read { [store = intake.store, now = intake.now] connection in
        try ExplainEligibility(store: store)(asked, on: connection, at: now)
      }
      let found = explanation.policies.map { ($0.policy, $0.reasons.map(\.code)) }
      #expect(Dictionary(uniqueKeysWithValues: found) == [intake.policy: [], laxer: [.policyOutranked]])
      let made = try await intake.submit(by: intake.administrator()) {
        ($0.targetSubject, $0.assignmentPolicy) = (ann.subject, laxer)
      }
      #expect(made.assignmentPolicy == laxer.text)
    }
  }
}
