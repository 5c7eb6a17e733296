import EntitlementModel
import Foundation
import Testing

@Suite("Decisions 14 and 15: others are named for a stage that waits")
struct ReassignmentRuleTests {
  typealias Plan = ApprovalProcess.Stage.Plan

  private static let (bo, cy, dan, stranger) = (uuid(72), uuid(73), uuid(74), uuid(79))
  /// Who administers, and the other identity of theirs; the same of Anna, whom the request is about.
  private static let (root, rootToo, annaToo) = (uuid(81), uuid(82), uuid(83))

  static func reassignment(
    to approvers: [UUID], by subject: UUID? = root, because justification: String = "On holiday"
  ) -> ApprovalProcess.Reassignment {
    .init(
      by: Administrator(subject: subject, identity: .init(issuer: "contoso", subject: "root")),
      approvers: approvers, justification: justification, at: day(2))
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let approvers: [UUID]
    var by: UUID? = root
    let codes: [Reason.Code]
  }

  static let rows = [
    Row(testDescription: "Anybody else who may act", approvers: [bo, cy], codes: []),
    Row(testDescription: "By an administrator who is no person here", approvers: [bo], by: nil, codes: []),
    Row(testDescription: "Nobody unknown", approvers: [bo, stranger], codes: [.unknownReference]),
    Row(testDescription: "Nobody who is barred or has left", approvers: [dan], codes: [.outOfRange]),
    Row(testDescription: "Not whom it is about", approvers: [anna], codes: [.ownRequest]),
    Row(testDescription: "Nor their other identity", approvers: [bo, annaToo], codes: [.ownRequest]),
    Row(testDescription: "Not whoever reassigns", approvers: [root], codes: [.outOfRange]),
    Row(testDescription: "Nor their other identity", approvers: [rootToo], codes: [.outOfRange]),
    Row(
      testDescription: "Nobody names the judges of their own", approvers: [bo], by: anna, codes: [.ownRequest]
    ),
    Row(
      testDescription: "Nor by another identity", approvers: [bo], by: annaToo, codes: [.ownRequest]),
    Row(
      testDescription: "Everything that stands in the way is said", approvers: [dan, anna],
      codes: [.outOfRange, .ownRequest]),
  ]

  @Test("Who is named, and by whom", arguments: rows)
  func names(row: Row) {
    let rule = ReassignmentRule(
      known: [Self.bo, Self.cy, Self.dan, anna, Self.annaToo, Self.root, Self.rootToo], hindered: [Self.dan],
      linked: [
        Self.root: [Self.rootToo], Self.rootToo: [Self.root], anna: [Self.annaToo], Self.annaToo: [anna],
      ])
    let reasons = rule.reasons(
      against: Self.reassignment(to: row.approvers, by: row.by), of: ApprovalProcessTests.sample())
    #expect(reasons.map(\.code) == row.codes)
  }

  @Test("Only what waits", arguments: ApprovalProcess.State.allCases)
  func waits(state: ApprovalProcess.State) throws {
    var approval = ApprovalProcessTests.sample(state)
    guard state == .pending else {
      let refusal = #expect(throws: Refusal.self) { try approval.reassign(Self.reassignment(to: [Self.bo])) }
      #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
      return #expect(approval.version == 1)
    }
    #expect(try approval.reassign(Self.reassignment(to: [Self.bo])) == [.reassigned])
    #expect(approval.version == 2 && approval.stages[0].reassignedTo == [Self.bo])
  }

  @Test("The same said again changes nothing; another one is the next, and the history keeps both")
  func again() throws {
    var approval = ApprovalProcessTests.sample()
    _ = try approval.reassign(Self.reassignment(to: [Self.bo, Self.cy]))
    #expect(try approval.reassign(Self.reassignment(to: [Self.cy, Self.bo])).isEmpty)
    #expect(approval.version == 2)
    #expect(try approval.reassign(Self.reassignment(to: [Self.cy])) == [.reassigned])
    #expect(approval.stages[0].reassignments.map(\.approvers) == [[Self.bo, Self.cy], [Self.cy]])
    #expect(approval.stages[0].reassignedTo == [Self.cy])
  }

  @Test("What is still needed can be given: as many as are missing, none of whom has decided")
  func quorum() throws {
    var approval = ApprovalProcessTests.sample(.pending, [Plan(timeout: .days(14), approvalsRequired: 2)])
    let few = #expect(throws: Refusal.self) { try approval.reassign(Self.reassignment(to: [Self.bo])) }
    #expect(few?.reasons.map(\.code) == [.outOfRange])
    _ = try approval.decide(ApprovalProcessTests.decision(.approve, by: Self.bo))
    let heard = #expect(throws: Refusal.self) { try approval.reassign(Self.reassignment(to: [Self.bo])) }
    #expect(heard?.reasons.map(\.code) == [.outOfRange])
    #expect(try approval.reassign(Self.reassignment(to: [Self.cy])) == [.reassigned])
    #expect(try approval.decide(ApprovalProcessTests.decision(.approve, by: Self.cy)) == [.completed])
    #expect(approval.outcome == .approved)
  }

  @Test("Only the stage that was seen; the next one asks whom its policy says")
  func stages() throws {
    var approval = ApprovalProcessTests.sample(.pending, [Plan(timeout: .days(9)), Plan(timeout: .days(9))])
    let later = #expect(throws: Refusal.self) {
      try approval.reassign(Self.reassignment(to: [Self.bo]), in: 1)
    }
    #expect(later?.reasons.map(\.code) == [.alreadyDecided])
    _ = try approval.reassign(Self.reassignment(to: [Self.bo]), in: 0)
    _ = try approval.decide(ApprovalProcessTests.decision(.approve, by: Self.bo))
    #expect(approval.currentStage == 1 && approval.stages[1].reassignedTo == nil)
  }

  @Test("Nobody else is asked later: the escalation does not come, and the timeout does")
  func clock() throws {
    var approval = ApprovalProcessTests.sample(.pending, [Plan(timeout: .days(14), escalation: .days(4))])
    _ = try approval.reassign(Self.reassignment(to: [Self.bo]))
    #expect(approval.nextDue == day(14))
    #expect(approval.fallDue(due(day(4))).isEmpty)
    #expect(approval.fallDue(due(day(14))) == [.completed])
    #expect(approval.outcome == .timedOut)
  }
}
