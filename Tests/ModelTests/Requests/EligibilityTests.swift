import EntitlementModel
import Foundation
import Testing

@Suite("Decision 8: who may ask, and every reason why not")
struct EligibilityTests {
  static func sample(_ change: (inout Eligibility) -> Void = { _ in }) -> Eligibility {
    var eligibility = Eligibility(
      subject: .sample(), organization: .sample(),
      catalog: Catalog(displayName: "Partners", state: .published, isExternallyVisible: true),
      policies: [.sample()], domainList: .none, chosenPolicy: nil, standing: nil)
    change(&eligibility)
    return eligibility
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let codes: [Reason.Code]
    let change: @Sendable (inout Eligibility) -> Void

    init(
      _ description: String, _ codes: Reason.Code..., change: @escaping @Sendable (inout Eligibility) -> Void
    ) {
      (testDescription, self.codes, self.change) = (description, codes, change)
    }
  }

  static let rows = [
    Row("Fabrikam's people may") { _ in },
    Row("Somebody who left may not", .subjectLeft) { $0.subject.leftAt = noon },
    Row("Decision 6: a barred person may not", .subjectBarred) {
      $0.subject.bar = .init(reason: "x", until: nil)
    },
    Row("Decision 6: a bar that is over does not count") { $0.subject.bar = .init(reason: "x", until: noon) },
    Row("Decision 5: a denied domain may not", .domainDenied) {
      $0.domainList = .deny([domain("fabrikam.example")])
    },
    Row("Decision 5: nor one that is not allowed", .domainDenied) {
      $0.domainList = .allow([domain("x.example")])
    },
    Row("Nothing is asked of an unpublished catalog", .catalogNotPublished) {
      $0.catalog.state = .unpublished
    },
    Row("Nor from outside of a closed one", .catalogNotExternallyVisible) {
      $0.catalog.isExternallyVisible = false
    },
    Row("Decision 4: an ended organization is refused", .organizationEnded) {
      $0.organization?.state = .ended
    },
    Row("Decision 4: so is one whose contract is over", .organizationEnded) {
      $0.organization?.contractEnd = noon
    },
    Row("Decision 4: and one that is full", .organizationFull) {
      $0.organization?.guestLimit = 5
      $0.guestsOfOrganization = 5
    },
    Row("Decision 7: one open request or live assignment", .openRequestExists) { $0.standing = requestID },
    Row("No policy is for this person", .policyNotMatched) { $0.policies = [.sample(for: .allMembers)] },
    Row("A disabled policy does not count", .policyNotMatched) { $0.policies = [.sample(isDisabled: true)] },
    Row("A disabled policy that was chosen", .policyDisabled) {
      ($0.policies, $0.chosenPolicy) = ([.sample(isDisabled: true)], policy)
    },
    Row("A chosen policy for others", .policyNotMatched) {
      ($0.policies, $0.chosenPolicy) = ([.sample(for: .allMembers)], policy)
    },
    Row("Nobody asks where only administrators assign", .policyNotMatched) {
      $0.policies = [.sample(for: .notSpecified)]
    },
    Row("Administrators do") { ($0.policies, $0.isAdministrator) = ([.sample(for: .notSpecified)], true) },
    Row("Whoever is named may") { $0.policies = [.sample(for: .subjects([anna]))] },
    Row("Whoever is not may not", .policyNotMatched) { $0.policies = [.sample(for: .subjects([ben]))] },
    Row("Whoever is in a group that is named may") {
      ($0.policies, $0.groups) = ([.sample(for: .subjects([ben], groups: ["owners"]))], ["owners", "others"])
    },
    Row("Whoever is in another may not", .policyNotMatched) {
      ($0.policies, $0.groups) = ([.sample(for: .subjects([ben], groups: ["owners"]))], ["others"])
    },
    Row("All directory users: members may") {
      ($0.subject.kind, $0.policies) = (.member, [.sample(for: .allDirectoryUsers)])
    },
    Row("All directory users: so may guests") {
      ($0.isGuest, $0.policies) = (true, [.sample(for: .allDirectoryUsers)])
    },
    Row("All directory users: strangers may not", .policyNotMatched) {
      $0.policies = [.sample(for: .allDirectoryUsers)]
    },
    Row("A named person's policy comes before the one for all members") {
      ($0.subject.kind, $0.policies) = (
        .member, [.sample(7, for: .subjects([anna])), .sample(8, for: .allMembers)]
      )
    },
    Row("All members' before that for the whole directory") {
      ($0.subject.kind, $0.policies) = (
        .member, [.sample(7, for: .allMembers), .sample(8, for: .allDirectoryUsers)]
      )
    },
    Row("Of two of the strictest kind, one may be named") {
      ($0.policies, $0.chosenPolicy) = ([.sample(7), .sample(8)], policy)
    },
    Row("Section 3.1: a policy of a laxer kind may not be named", .policyOutranked) {
      ($0.policies, $0.chosenPolicy) = ([.sample(7, for: .allExternalUsers), .sample(8)], policy)
    },
    Row("Nor all members' by a member who is named", .policyOutranked) {
      ($0.subject.kind, $0.chosenPolicy) = (.member, policy)
      $0.policies = [.sample(7, for: .allMembers), .sample(8, for: .subjects([anna]))]
    },
    Row("Nor the directory's by a member", .policyOutranked) {
      ($0.subject.kind, $0.chosenPolicy) = (.member, policy)
      $0.policies = [.sample(7, for: .allDirectoryUsers), .sample(8, for: .allMembers)]
    },
    Row("Nor all external users' by a guest", .policyOutranked) {
      ($0.isGuest, $0.chosenPolicy) = (true, policy)
      $0.policies = [.sample(7, for: .allExternalUsers), .sample(8, for: .allDirectoryUsers)]
    },
    Row("Nor by whoever asks for others", .policyOutranked) {
      ($0.isOnBehalf, $0.chosenPolicy) = (true, policy)
      $0.policies = [.sample(7, for: .allExternalUsers), .sample(8)]
    },
    Row("A policy outranks only whom it is for") {
      ($0.policies, $0.chosenPolicy) = (
        [.sample(7, for: .allExternalUsers), .sample(8, for: .subjects([ben]))], policy
      )
    },
    Row("And only while it takes requests") {
      ($0.policies, $0.chosenPolicy) = (
        [.sample(7, for: .allExternalUsers), .sample(8, isDisabled: true), .sample(9, maySelfAdd: false)],
        policy
      )
    },
    Row("Administrators assign under any policy that is for the person") {
      ($0.isAdministrator, $0.chosenPolicy) = (true, policy)
      $0.policies = [.sample(7, for: .allExternalUsers), .sample(8)]
    },
    Row("Or under the one for nobody") {
      ($0.isAdministrator, $0.chosenPolicy) = (true, policy)
      $0.policies = [.sample(7, for: .notSpecified), .sample(8)]
    },
    Row("What keeps duties apart is told with the rest", .policyNotMatched, .incompatibleAccess) {
      $0.policies = []
      $0.separation = .init(reasons: [Reason(.incompatibleAccess, "")], endsBy: nil)
    },
    Row("Two of the same tier", .severalPoliciesMatch) { $0.policies = [.sample(7), .sample(8)] },
    Row("The stricter tier wins") { $0.policies = [.sample(7), .sample(8, for: .allExternalUsers)] },
    Row("Every check that fails is told", .subjectLeft, .catalogNotPublished, .openRequestExists) {
      ($0.subject.leftAt, $0.catalog.state, $0.standing) = (noon, .unpublished, requestID)
    },
  ]

  @Test("Asking", arguments: rows)
  func judges(row: Row) {
    switch Self.sample(row.change).judge(at: noon) {
    case .success(let chosen):
      #expect(row.codes == [])
      #expect(chosen.id == policy)
    case .failure(let refusal):
      #expect(refusal.reasons.map(\.code) == row.codes)
    }
  }

  @Test("Whoever names a policy that is outranked hears which apply")
  func namesApplicablePolicies() {
    let eligibility = Self.sample {
      ($0.policies, $0.chosenPolicy) = ([.sample(7, for: .allExternalUsers), .sample(8), .sample(9)], policy)
    }
    #expect(throws: Refusal.self) { try eligibility.judge(at: noon).get() }
    guard case .failure(let refusal) = eligibility.judge(at: noon) else { return }
    let ids = [uuid(8), uuid(9)].map { $0.uuidString.lowercased() }.joined(separator: " ")
    #expect(refusal.reasons.map(\.hint) == [ids])
    #expect(refusal.reasons.map(\.field) == ["assignment_policy"])
  }
}

func domain(_ text: String) -> DomainName {
  guard let name = DomainName(text) else { preconditionFailure("\(text) is no domain") }
  return name
}
