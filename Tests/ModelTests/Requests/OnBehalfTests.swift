import EntitlementModel
import Foundation
import Testing

@Suite("Asking for somebody else, by leave of a policy")
struct OnBehalfTests {
  static let organization = ConnectedOrganization.sample(
    sources: [.domain(domain("fabrikam.example"), includeSubdomains: false)], internalSponsors: [ben],
    externalSponsors: [sponsor])

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let requestors: [AssignmentPolicy.Approver]
    let purpose: AccessRequest.Kind.Purpose
    let submitter: OnBehalf.Submitter
    let organization: ConnectedOrganization?
    let isAllowed: Bool

    init(
      _ description: String, _ requestors: [AssignmentPolicy.Approver], by subject: UUID,
      from home: UUID? = nil,
      for organization: ConnectedOrganization? = OnBehalfTests.organization,
      _ purpose: AccessRequest.Kind.Purpose = .add, isAllowed: Bool
    ) {
      (testDescription, self.requestors, self.purpose) = (description, requestors, purpose)
      (submitter, self.organization) = (.init(subject: subject, organization: home), organization)
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
