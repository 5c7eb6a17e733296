import EntitlementModel
import Foundation
import Testing

@Suite("Decisions 14 and 15: who may decide")
struct ApproverResolutionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let approvers: [AssignmentPolicy.Approver]
    var internalSponsors: [UUID] = []
    var externalSponsors: [UUID] = []
    var managers: [Int: UUID] = [:]
    var targetSponsors: Set<UUID> = []
    var groups = GroupSight()
    /// The groups that answer for the organization, on our side and on theirs.
    var sponsorGroups: (ours: Set<String>, theirs: Set<String>) = ([], [])
    var callersOrganization: UUID? = fabrikam
    let capacity: ApprovalProcess.Capacity?
  }

  static let rows = [
    Row(
      testDescription: "Whoever is named", approvers: [.singleUser(sponsor)], capacity: .singleUser),
    Row(
      testDescription: "Nobody else is", approvers: [.singleUser(ben)], capacity: nil),
    Row(
      testDescription: "Our sponsor of the organization", approvers: [.internalSponsors],
      internalSponsors: [sponsor], callersOrganization: nil, capacity: .internalSponsor),
    Row(
      testDescription: "Their sponsor", approvers: [.externalSponsors], externalSponsors: [sponsor],
      capacity: .externalSponsor),
    Row(
      testDescription: "Their sponsor who now belongs elsewhere does not", approvers: [.externalSponsors],
      externalSponsors: [sponsor], callersOrganization: uuid(99), capacity: nil),
    Row(
      testDescription: "Their sponsor where only ours are asked does not", approvers: [.internalSponsors],
      internalSponsors: [ben], externalSponsors: [sponsor], capacity: nil),
    Row(
      testDescription: "The first capacity that fits counts",
      approvers: [.externalSponsors, .singleUser(sponsor)],
      externalSponsors: [sponsor], capacity: .externalSponsor),
    Row(
      testDescription: "The fallback, when no sponsor can be found",
      approvers: [.externalSponsors, .internalSponsors],
      capacity: .fallback),
    Row(
      testDescription: "The fallback does not while a sponsor can be found", approvers: [.externalSponsors],
      externalSponsors: [ben], capacity: nil),
    Row(
      testDescription: "The requestor's manager", approvers: [.requestorManager(level: 1)],
      managers: [1: sponsor, 2: ben], capacity: .requestorManager),
    Row(
      testDescription: "The manager's manager only where that one is asked",
      approvers: [.requestorManager(level: 1)],
      managers: [1: ben, 2: sponsor], capacity: nil),
    Row(
      testDescription: "The manager's manager", approvers: [.requestorManager(level: 2)],
      managers: [1: ben, 2: sponsor], capacity: .requestorManager),
    Row(
      testDescription: "The fallback, when nobody is above", approvers: [.requestorManager(level: 2)],
      managers: [1: ben], capacity: .fallback),
    Row(
      testDescription: "Whoever answers for the target", approvers: [.targetUserSponsors],
      targetSponsors: [ben, sponsor], capacity: .targetUserSponsor),
    Row(
      testDescription: "The fallback, when nobody answers for the target", approvers: [.targetUserSponsors],
      capacity: .fallback),
    Row(
      testDescription: "Whoever is in the group", approvers: [.groupMembers("owners")],
      groups: GroupSight(populated: ["owners"], memberships: [sponsor: ["owners"]]), capacity: .groupMember),
    Row(
      testDescription: "Whoever is in another group does not", approvers: [.groupMembers("owners")],
      groups: GroupSight(populated: ["owners", "heads"], memberships: [sponsor: ["heads"]]), capacity: nil),
    Row(
      testDescription: "The fallback, when nobody is in the group", approvers: [.groupMembers("owners")],
      groups: GroupSight(populated: ["heads"]), capacity: .fallback),
    Row(
      testDescription: "Whoever is in a group that answers for the organization",
      approvers: [.internalSponsors], internalSponsors: [ben],
      groups: GroupSight(populated: ["desk"], memberships: [sponsor: ["desk"]]),
      sponsorGroups: (["desk"], []), capacity: .internalSponsor),
    Row(
      testDescription: "Whoever is in the partner's group", approvers: [.externalSponsors],
      groups: GroupSight(populated: ["leads"], memberships: [sponsor: ["leads"]]),
      sponsorGroups: ([], ["leads"]), capacity: .externalSponsor),
    Row(
      testDescription: "Whoever is in the partner's group and belongs elsewhere by now does not",
      approvers: [.externalSponsors],
      groups: GroupSight(populated: ["leads"], memberships: [sponsor: ["leads"]]),
      sponsorGroups: ([], ["leads"]), callersOrganization: uuid(99), capacity: nil),
    Row(
      testDescription: "The fallback, when nobody is in the group that answers",
      approvers: [.externalSponsors, .internalSponsors], groups: GroupSight(populated: ["heads"]),
      sponsorGroups: (["desk"], ["leads"]), capacity: .fallback),
    Row(
      testDescription: "The fallback does not while somebody is in it", approvers: [.externalSponsors],
      groups: GroupSight(populated: ["leads"]), sponsorGroups: ([], ["leads"]), capacity: nil),
  ]

  @Test("Looked up when it matters, in the capacity that is recorded", arguments: rows)
  func capacity(row: Row) {
    let isFallback = row.testDescription.contains("allback")
    let stage = AssignmentPolicy.Stage(
      timeout: .days(14), approvers: row.approvers,
      fallbackApprovers: isFallback ? [.singleUser(sponsor)] : [])
    var organization = ConnectedOrganization.sample(
      internalSponsors: row.internalSponsors, externalSponsors: row.externalSponsors)
    organization.internalSponsorGroups = row.sponsorGroups.ours
    organization.externalSponsorGroups = row.sponsorGroups.theirs
    let around = RequestSurroundings(
      organization: organization, managers: row.managers, targetSponsors: row.targetSponsors,
      groups: row.groups)
    let capacity = ApproverResolution(stage, around: around)
      .capacity(of: sponsor, from: row.callersOrganization, isEscalated: false)
    #expect(capacity == row.capacity)
  }

  @Test("A request without an organization has no sponsors, and falls back")
  func withoutOrganization() {
    let stage = AssignmentPolicy.Stage(
      timeout: .days(14), approvers: [.externalSponsors], fallbackApprovers: [.singleUser(ben)])
    let capacity = ApproverResolution(stage, around: RequestSurroundings(organization: nil)).capacity(
      of: ben, from: nil, isEscalated: false)
    #expect(capacity == .fallback)
  }

  @Test("Escalation approvers decide once the stage is escalated, and so do the first ones still")
  func escalation() {
    let stage = AssignmentPolicy.Stage(
      timeout: .days(14), approvers: [.singleUser(sponsor)],
      escalation: .init(
        after: .days(4), approvers: [.internalSponsors], fallbackApprovers: [.singleUser(anna)]))
    func resolution(_ sponsors: [UUID]) -> ApproverResolution {
      ApproverResolution(
        stage, around: RequestSurroundings(organization: .sample(internalSponsors: sponsors)))
    }
    #expect(resolution([ben]).capacity(of: ben, from: nil, isEscalated: false) == nil)
    #expect(resolution([ben]).capacity(of: ben, from: nil, isEscalated: true) == .escalation)
    #expect(resolution([ben]).capacity(of: sponsor, from: nil, isEscalated: true) == .singleUser)
    #expect(resolution([ben]).capacity(of: anna, from: nil, isEscalated: true) == nil)
    #expect(resolution([]).capacity(of: anna, from: nil, isEscalated: true) == .fallback)
  }
}
