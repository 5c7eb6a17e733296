import EntitlementModel
import Foundation
import Testing

@Suite("Asking for somebody else, by leave of a policy")
struct OnBehalfTests {
  static let organization = {
    var organization = ConnectedOrganization.sample(
      sources: [.domain(domain("fabrikam.example"), includeSubdomains: false)], internalSponsors: [ben],
      externalSponsors: [sponsor])
    (organization.internalSponsorGroups, organization.externalSponsorGroups) = (["ours"], ["theirs"])
    return organization
  }()

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let requestors: [OnBehalf.Requestor]
    let purpose: AccessRequest.Kind.Purpose
    let submitter: OnBehalf.Submitter
    let organization: ConnectedOrganization?
    let isAllowed: Bool

    init(
      _ description: String, _ requestors: [OnBehalf.Requestor], by subject: UUID, from home: UUID? = nil,
      in groups: Set<String> = [], above levels: Set<Int> = [],
      for organization: ConnectedOrganization? = OnBehalfTests.organization,
      _ purpose: AccessRequest.Kind.Purpose = .add, isAllowed: Bool
    ) {
      (testDescription, self.requestors, self.purpose) = (description, requestors, purpose)
      (submitter, self.organization) = (
        .init(subject: subject, organization: home, groups: groups, managerLevels: levels), organization
      )
      self.isAllowed = isAllowed
    }
  }

  static let rows = [
    Row("The partner's sponsor", [.externalSponsors], by: sponsor, from: fabrikam, isAllowed: true),
    Row(
      "who belongs to another partner by now", [.externalSponsors], by: sponsor, from: contoso,
      isAllowed: false),
    Row("for nobody's people", [.externalSponsors], by: sponsor, from: fabrikam, for: nil, isAllowed: false),
    Row(
      "for what the policy does not let", [.externalSponsors], by: sponsor, from: fabrikam, .remove,
      isAllowed: false),
    Row("Our own sponsor where partners' are meant", [.externalSponsors], by: ben, isAllowed: false),
    Row("Our own sponsor", [.internalSponsors], by: ben, isAllowed: true),
    Row("Somebody else", [.internalSponsors, .externalSponsors], by: anna, from: fabrikam, isAllowed: false),
    Row("Whoever is named, for anybody", [.singleUser(anna)], by: anna, for: nil, isAllowed: true),
    Row("Nobody", [], by: sponsor, from: fabrikam, isAllowed: false),
    Row("The manager", [.targetManager(level: 1)], by: ben, above: [1], for: nil, isAllowed: true),
    Row("The manager's manager", [.targetManager(level: 2)], by: ben, above: [2], for: nil, isAllowed: true),
    Row(
      "The manager's manager where managers are meant", [.targetManager(level: 1)], by: ben, above: [2],
      for: nil, isAllowed: false),
    Row("Somebody else's manager", [.targetManager(level: 1)], by: ben, isAllowed: false),
    Row(
      "Whoever is in the group, for anybody", [.groupMembers("desk")], by: ben, in: ["desk"], for: nil,
      isAllowed: true),
    Row(
      "Whoever is in a group that answers for the organization", [.internalSponsors], by: anna, in: ["ours"],
      isAllowed: true),
    Row(
      "Whoever is in the partner's group", [.externalSponsors], by: anna, from: fabrikam, in: ["theirs"],
      isAllowed: true),
    Row(
      "who belongs to another partner by now, too", [.externalSponsors], by: anna, from: contoso,
      in: ["theirs"], isAllowed: false),
    Row("Whoever is in another", [.groupMembers("desk")], by: ben, in: ["guards"], isAllowed: false),
  ]

  @Test("is for those whom the policy names, and sponsors only for their own people", arguments: rows)
  func allows(row: Row) {
    let leave = OnBehalf(requestors: row.requestors, mayAdd: true, mayUpdate: true, mayRemove: false)
    #expect(leave.allows(row.purpose, by: row.submitter, forPeopleOf: row.organization) == row.isAllowed)
  }

  @Test("Decision 14: only a partner's own sponsor's word is the first stage's, for the partner's addresses")
  func firstStage() {
    var leave = OnBehalf(
      requestors: [.externalSponsors], mayAdd: true, mayUpdate: true, mayRemove: true, isFirstStage: true)
    func counts(_ subject: UUID, from home: UUID? = fabrikam, email: String = "anna@fabrikam.example") -> Bool
    {
      leave.isFirstStage(
        by: .init(subject: subject, organization: home),
        for: Target(subject: anna, email: email, displayName: "", isMember: false), of: Self.organization)
    }
    #expect(counts(sponsor))
    #expect(!counts(sponsor, from: nil))
    #expect(!counts(ben, from: nil))
    #expect(!counts(sponsor, email: "anna@private.example"))
    #expect(!counts(sponsor, email: "anna@sub.fabrikam.example"))
    #expect(!counts(anna))
    leave.isFirstStage = false
    #expect(!counts(sponsor))
  }
}
