import EntitlementModel
import Foundation
import Testing

@Suite("Decision 15: policies whose approvers are gone, organizations without sponsors")
struct PolicyHealthTests {
  private static let (ada, bo, north, south, gone) = (uuid(71), uuid(72), uuid(61), uuid(62), uuid(63))

  private static func organization(
    _ id: UUID, _ state: ConnectedOrganization.State = .configured, internal ours: [UUID] = [],
    external theirs: [UUID] = [], groups: Set<String> = []
  ) -> ConnectedOrganization {
    ConnectedOrganization(
      id: id, displayName: "", state: state, identitySources: [], internalSponsors: ours,
      externalSponsors: theirs, internalSponsorGroups: groups)
  }

  /// The north has a sponsor, the south has none, the third has ended.
  private static let organizations = [
    organization(north, external: [ada]), organization(south), organization(gone, .ended),
  ]

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var targets = AssignmentPolicy.AllowedTargets.allConfiguredConnectedOrganizations
    var isDisabled = false
    var stages: [AssignmentPolicy.Stage]
    var hindered: Set<UUID> = []
    let dead: [DeadRow]
  }

  struct DeadRow: Sendable, Hashable {
    let stage: Int
    let organizations: [UUID?]
    let absences: [ApproverAbsence]
  }

  private static let bySponsors = RoutingRuleTests.stage([.externalSponsors])
  private static let byName = RoutingRuleTests.stage([.singleUser(bo)])

  static let rows = [
    Row(
      testDescription: "Those of an organization without a sponsor", stages: [bySponsors],
      dead: [.init(stage: 0, organizations: [south], absences: [.noExternalSponsor])]),
    Row(
      testDescription: "Unless a stand-in is found",
      stages: [RoutingRuleTests.stage([.externalSponsors], standIns: [.singleUser(bo)])], dead: []),
    Row(
      testDescription: "Who must not have left",
      stages: [RoutingRuleTests.stage([.externalSponsors], standIns: [.singleUser(bo)])], hindered: [bo],
      dead: [.init(stage: 0, organizations: [south], absences: [.approverGone, .noExternalSponsor])]),
    Row(
      testDescription: "Of everybody outside those of none, too", targets: .allExternalUsers,
      stages: [bySponsors],
      dead: [.init(stage: 0, organizations: [south, nil], absences: [.noExternalSponsor])]),
    Row(
      testDescription: "Only those whom the policy is for", targets: .connectedOrganizations([north, gone]),
      stages: [bySponsors], dead: []),
    Row(
      testDescription: "Every stage by itself", targets: .connectedOrganizations([north]),
      stages: [bySponsors, byName], hindered: [bo],
      dead: [.init(stage: 1, organizations: [north], absences: [.approverGone])]),
    Row(
      testDescription: "Members, whom no sponsor answers for", targets: .allMembers, stages: [byName],
      hindered: [bo],
      dead: [.init(stage: 0, organizations: [nil], absences: [.approverGone])]),
    Row(testDescription: "Nothing of a disabled policy", isDisabled: true, stages: [bySponsors], dead: []),
    Row(
      testDescription: "Nothing of one that is for nobody", targets: .notSpecified, stages: [bySponsors],
      dead: []),
    Row(
      testDescription: "Managers, while a stand-in decides for whoever has none", targets: .allMembers,
      stages: [RoutingRuleTests.stage([.requestorManager(level: 1)], standIns: [.singleUser(bo)])], dead: []),
    Row(
      testDescription: "Managers, when the stand-in has left", targets: .allMembers,
      stages: [RoutingRuleTests.stage([.requestorManager(level: 1)], standIns: [.singleUser(bo)])],
      hindered: [bo],
      dead: [.init(stage: 0, organizations: [nil], absences: [.approverGone, .noManager])]),
    Row(
      testDescription: "Those who answer for somebody, when the stand-in has left",
      targets: .connectedOrganizations([north]),
      stages: [RoutingRuleTests.stage([.targetUserSponsors], standIns: [.singleUser(bo)])], hindered: [bo],
      dead: [.init(stage: 0, organizations: [north], absences: [.approverGone, .noTargetSponsor])]),
    Row(
      testDescription: "Not where somebody is asked beside the manager", targets: .allMembers,
      stages: [
        RoutingRuleTests.stage([.requestorManager(level: 1), .singleUser(ada)], standIns: [.singleUser(bo)])
      ],
      hindered: [bo], dead: []),
  ]

  @Test("Where nobody could decide, whether anything waits or not", arguments: rows)
  func dead(row: Row) {
    let policy = AssignmentPolicy(
      id: policy, accessPackage: package, displayName: "", allowedTargets: row.targets,
      isDisabled: row.isDisabled,
      expiration: .never,
      approval: .init(requiredForAdd: true, requiredForUpdate: false, stages: row.stages))
    let found = policy.deadStages(among: Self.organizations) {
      RequestSurroundings(organization: $0, hindered: row.hindered)
    }
    #expect(
      found.map { DeadRow(stage: $0.stage, organizations: $0.organizations, absences: $0.absences) }
        == row.dead)
  }

  @Test(
    "Sponsors who may act count once, of either side, by name or by a group",
    arguments: [
      (organization(north), 0), (organization(north, external: [ada]), 1),
      (organization(north, internal: [bo], external: [ada]), 2),
      (organization(north, internal: [ada], external: [ada]), 1),
      (organization(north, external: [ada, gone]), 1),
      (organization(north, external: [ada], groups: ["owners"]), 2),
      (organization(north, external: [bo], groups: ["owners"]), 1),
      (organization(north, external: [bo], groups: ["empty"]), 1),
    ])
  func counts(organization: ConnectedOrganization, sponsors: Int) {
    #expect(organization.activeSponsors(members: ["owners": [Self.bo]]) { $0 != Self.gone }.count == sponsors)
  }
}
