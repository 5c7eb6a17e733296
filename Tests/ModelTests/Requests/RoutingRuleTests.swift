import EntitlementModel
import Foundation
import Testing

@Suite("Decision 15: nobody to approve")
struct RoutingRuleTests {
  typealias Stage = AssignmentPolicy.Stage

  private static let (ada, bo) = (uuid(71), uuid(72))

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stage: Stage
    var isEscalated = false
    var around = RequestSurroundings(organization: nil)
    var involved: Set<UUID> = []
    let absence: [ApproverAbsence]?
  }

  static func stage(
    _ approvers: [AssignmentPolicy.Approver], standIns: [AssignmentPolicy.Approver] = [],
    escalatedTo others: [AssignmentPolicy.Approver] = []
  ) -> Stage {
    Stage(
      timeout: .days(14), approvers: approvers, fallbackApprovers: standIns,
      escalation: others.isEmpty ? nil : .init(after: .days(4), approvers: others))
  }

  static func around(
    internal ours: [UUID] = [], external theirs: [UUID] = [], managers: [Int: UUID] = [:],
    targetSponsors: Set<UUID> = [], groups: Set<String> = [], populated: Set<String> = [],
    hindered: Set<UUID> = []
  ) -> RequestSurroundings {
    var organization = ConnectedOrganization.sample(internalSponsors: ours, externalSponsors: theirs)
    organization.internalSponsorGroups = groups
    return RequestSurroundings(
      organization: organization, managers: managers,
      targetSponsors: targetSponsors, groups: GroupSight(populated: populated), hindered: hindered)
  }

  static let rows = [
    Row(testDescription: "A named person is found", stage: stage([.singleUser(ada)]), absence: nil),
    Row(
      testDescription: "One who is barred or has left is not", stage: stage([.singleUser(ada)]),
      around: around(hindered: [ada]), absence: [.approverGone]),
    Row(
      testDescription: "One of several is enough", stage: stage([.singleUser(ada), .externalSponsors]),
      around: around(external: [bo], hindered: [ada]), absence: nil),
    Row(
      testDescription: "No sponsor of either side", stage: stage([.externalSponsors, .internalSponsors]),
      around: around(), absence: [.noExternalSponsor, .noInternalSponsor]),
    Row(
      testDescription: "A stand-in is found", stage: stage([.externalSponsors], standIns: [.singleUser(bo)]),
      around: around(), absence: nil),
    Row(
      testDescription: "Not even a stand-in", stage: stage([.externalSponsors], standIns: [.singleUser(bo)]),
      around: around(hindered: [bo]), absence: [.approverGone, .noExternalSponsor]),
    Row(
      testDescription: "Nobody above, nobody who answers, nobody in the group",
      stage: stage([.requestorManager(level: 1), .targetUserSponsors, .groupMembers("owners")]),
      around: around(populated: ["heads"]), absence: [.groupEmpty, .noManager, .noTargetSponsor]),
    Row(
      testDescription: "Whoever is asked later is not found before",
      stage: stage([.externalSponsors], escalatedTo: [.singleUser(bo)]), around: around(),
      absence: [.noExternalSponsor]),
    Row(
      testDescription: "And is, once the stage is escalated",
      stage: stage([.externalSponsors], escalatedTo: [.singleUser(bo)]), isEscalated: true, around: around(),
      absence: nil),
    Row(
      testDescription: "A sponsor who asks for themselves does not count", stage: stage([.externalSponsors]),
      around: around(external: [ada]), involved: [ada], absence: [.involved]),
    Row(
      testDescription: "A group answers for the organization", stage: stage([.internalSponsors]),
      around: around(groups: ["owners"], populated: ["owners"]), absence: nil),
    Row(
      testDescription: "And nobody is in it", stage: stage([.internalSponsors]),
      around: around(groups: ["owners"], populated: ["heads"]), absence: [.noInternalSponsor]),
    Row(
      testDescription: "Another sponsor does", stage: stage([.externalSponsors]),
      around: around(external: [ada, bo]), involved: [ada], absence: nil),
    Row(
      testDescription: "Their stand-in is not asked while they are there, so nobody is found",
      stage: stage([.externalSponsors], standIns: [.singleUser(bo)]), around: around(external: [ada]),
      involved: [ada], absence: [.involved]),
    Row(
      testDescription: "A stand-in who is involved does not count either",
      stage: stage([.externalSponsors], standIns: [.singleUser(bo)]), around: around(), involved: [bo],
      absence: [.involved, .noExternalSponsor]),
  ]

  @Test("Why nobody is found who decides", arguments: rows)
  func absence(row: Row) {
    let found = ApproverResolution(row.stage, around: row.around)
      .absence(isEscalated: row.isEscalated, except: row.involved)
    #expect(found == row.absence?.sorted())
  }

  private static func finding(
    _ absences: [ApproverAbsence] = [.noExternalSponsor], recipients: [UUID] = []
  ) -> ApprovalRouting.Finding {
    .init(
      gaps: [.init(stage: 0, absences: absences)], routedTo: .tenantAdministrators, recipients: recipients,
      actions: [.reassign, .deny])
  }

  private static func item(_ finding: ApprovalRouting.Finding = finding()) -> ApprovalRouting {
    ApprovalRouting(
      id: requestID, tenant: contoso, accessPackage: package, assignmentPolicy: policy,
      organization: fabrikam,
      finding: finding, waiting: 3, openedAt: noon)
  }

  @Test("It is told when it comes, when it says something else, and when it is over; how much waits is not")
  func follows() {
    var item = Self.item()
    #expect(item.follow(Self.finding(), waiting: 5, at: day(1)).isEmpty)
    #expect(item.waiting == 5 && item.version == 1)
    #expect(item.follow(Self.finding([.approverGone]), waiting: 5, at: day(2)) == [.routed])
    #expect(item.version == 2)
    #expect(item.follow(nil, waiting: 0, at: day(3)) == [.routingResolved])
    #expect(item.state == .resolved && item.resolvedAt == day(3) && item.version == 3)
    #expect(item.follow(Self.finding(), waiting: 1, at: day(4)).isEmpty)
    #expect(item.follow(nil, waiting: 0, at: day(4)).isEmpty)
    #expect(item.state == .resolved && item.version == 3)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let asked: [AssignmentPolicy.Approver]
    var hasOrganization = true
    var mayDecide = false
    var owners: Set<UUID> = []
    let actions: [ApprovalRouting.Action]
  }

  static let cases = [
    Case(
      testDescription: "A sponsor is named where sponsors are asked", asked: [.externalSponsors],
      actions: [.nameSponsor, .reassign, .deny]),
    Case(
      testDescription: "But not where there is no organization", asked: [.externalSponsors],
      hasOrganization: false, actions: [.reassign, .deny]),
    Case(
      testDescription: "Nor where others are asked", asked: [.singleUser(ada)], actions: [.reassign, .deny]),
    Case(
      testDescription: "Approving takes the policy's word", asked: [.internalSponsors], mayDecide: true,
      owners: [ada], actions: [.nameSponsor, .reassign, .deny, .approve]),
  ]

  @Test("What can be done; the owners see to it, the administrators where there is none", arguments: cases)
  func finds(row: Case) {
    let finding = ApprovalRouting.Finding(
      gaps: [.init(stage: 0, absences: [.noExternalSponsor])], of: [Self.stage(row.asked)],
      hasOrganization: row.hasOrganization, administratorsMayDecide: row.mayDecide, owners: row.owners,
      administrators: [Self.bo])
    #expect(finding.actions == row.actions)
    #expect(finding.routedTo == (row.owners.isEmpty ? .tenantAdministrators : .catalogOwners))
    #expect(finding.recipients == (row.owners.isEmpty ? [Self.bo] : [Self.ada]))
  }
}
