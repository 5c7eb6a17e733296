import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import Testing

@testable import RequestIntake

@Suite("Decision 8: refusals explain themselves, before anything is asked for")
struct ExplanationTests {
  private func explain(
    _ intake: IntakeFixture, by principal: Principal, for subject: UUID? = nil, package: UUID? = nil
  ) async throws -> ExplainEligibility.Explanation {
    let asked = Submission(
      principal: principal, tenant: intake.tenant, accessPackage: package ?? intake.package,
      targetSubject: subject)
    return try await intake.read { [store = intake.store, now = intake.now] connection in
      try ExplainEligibility(store: store)(asked, on: connection, at: now)
    }
  }

  private func codes(_ explanation: ExplainEligibility.Explanation) -> [Reason.Code] {
    switch explanation.verdict {
    case .success: []
    case .failure(let refusal): refusal.reasons.map(\.code)
    }
  }

  @Test("It says what a submission would say, and asks for nothing")
  func agrees() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      #expect(try (try await explain(intake, by: ann)).verdict.get() == intake.policy)
      try await intake.putCatalog { $0.state = .unpublished }
      #expect(codes(try await explain(intake, by: ann)) == [.catalogNotPublished])
      try await intake.putCatalog()
      _ = try await intake.submit(by: ann)
      #expect(codes(try await explain(intake, by: ann)) == [.openRequestExists])
      #expect(try await intake.told(.requestApproved) == 1)
    }
  }

  @Test("Somebody who has never been here is told too, and is not made known by it")
  func strangers() async throws {
    try await IntakeFixture.run { intake in
      #expect(codes(try await explain(intake, by: intake.guest("new"))).isEmpty)
      #expect(
        codes(try await explain(intake, by: intake.guest("new", isMatched: false))) == [.policyNotMatched])
      let people = try await intake.read { try $0.value("SELECT count(*) FROM subject", as: Int.self) }
      #expect(people == 0)
    }
  }

  @Test("What each policy says is for those who may read the catalog; others' chances for who assigns")
  func detail() async throws {
    try await IntakeFixture.run { intake in
      let members = UUID()
      try await intake.putPolicy("members", id: members) {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      }
      let ann = try await intake.person("ann")
      #expect(try await explain(intake, by: ann).policies.isEmpty)
      let detail = try await explain(intake, by: intake.administrator(), for: ann.subject)
      let found = detail.policies.map { ($0.policy, $0.reasons.map(\.code)) }
      #expect(Dictionary(uniqueKeysWithValues: found) == [intake.policy: [], members: [.policyNotMatched]])
      let bob = try await intake.person("bob")
      await #expect(throws: Refusal.self) { try await explain(intake, by: bob, for: ann.subject) }
      await #expect(throws: Refusal.notFound) { try await explain(intake, by: ann, package: UUID()) }
    }
  }
}
