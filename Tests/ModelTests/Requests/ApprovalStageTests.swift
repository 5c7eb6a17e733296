import EntitlementModel
import Foundation
import Testing

@Suite("Decisions 13 and 16: stages, escalation, quorum, a shorter term")
struct ApprovalStageTests {
  typealias Plan = ApprovalProcess.Stage.Plan

  private static let (ada, bo, cy) = (uuid(71), uuid(72), uuid(73))

  private static func sample(_ plans: Plan...) -> ApprovalProcess {
    ApprovalProcessTests.sample(.pending, plans)
  }

  private static func yes(_ by: UUID, endsAt: Date? = nil, at: Date = day(1)) -> ApprovalProcess.Decision {
    ApprovalProcessTests.decision(.approve, by: by, endsAt: endsAt, at: at)
  }

  @Test("Stages follow one another; the clock of each starts when it opens")
  func stages() throws {
    var approval = Self.sample(
      Plan(timeout: .days(14)), Plan(timeout: .days(2)), Plan(timeout: .days(3)))
    #expect(try approval.decide(Self.yes(Self.ada, at: day(1))) == [.decided, .stageOpened])
    #expect(approval.currentStage == 1 && approval.nextDue == day(3))
    #expect(approval.fallDue(due(day(14))).isEmpty, "the first stage's end is nothing to the second")
    #expect(try approval.decide(Self.yes(Self.bo, at: day(2))) == [.decided, .stageOpened])
    #expect(approval.nextDue == day(5))
    #expect(try approval.decide(Self.yes(Self.ada, at: day(3))) == [.completed])
    #expect(approval.state == .approved && approval.nextDue == nil)
    #expect(approval.decisions.map(\.by) == [Self.ada, Self.bo, Self.ada])
  }

  @Test("One denial ends it in any stage", arguments: 0..<3)
  func denies(stage: Int) throws {
    var approval = Self.sample(Plan(timeout: .days(1)), Plan(timeout: .days(1)), Plan(timeout: .days(1)))
    for _ in 0..<stage { _ = try approval.decide(Self.yes(Self.ada, at: noon)) }
    #expect(try approval.decide(ApprovalProcessTests.decision(.deny, by: Self.bo)) == [.completed])
    #expect(approval.outcome == .denied)
  }

  @Test("A stage that nobody decides ends it, whatever was decided before")
  func timesOut() throws {
    var approval = Self.sample(Plan(timeout: .days(14)), Plan(timeout: .days(2)))
    _ = try approval.decide(Self.yes(Self.ada, at: day(1)))
    #expect(approval.fallDue(due(day(3))) == [.completed])
    #expect(approval.outcome == .timedOut)
  }

  @Test("A quorum: as many as the stage needs, each person once, one denial ends it")
  func quorum() throws {
    var approval = Self.sample(Plan(timeout: .days(14), approvalsRequired: 2))
    #expect(try approval.decide(Self.yes(Self.ada)) == [.decided])
    let refusal = #expect(throws: Refusal.self) { try approval.decide(Self.yes(Self.ada)) }
    #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
    var denied = approval
    #expect(try approval.decide(Self.yes(Self.bo)) == [.completed])
    #expect(approval.outcome == .approved)
    #expect(try denied.decide(ApprovalProcessTests.decision(.deny, by: Self.cy)) == [.completed])
    #expect(denied.outcome == .denied)
  }

  @Test("Escalation comes exactly so long after the stage opened, once, and the timeout stays")
  func escalates() {
    var approval = Self.sample(Plan(timeout: .days(14), escalation: .days(4)))
    #expect(approval.nextDue == day(4))
    #expect(approval.fallDue(due(day(4))) == [.escalated])
    #expect(approval.fallDue(due(day(4))).isEmpty)
    #expect(approval.state == .pending && approval.nextDue == day(14))
    #expect(approval.fallDue(due(day(14))) == [.completed])
    #expect(approval.outcome == .timedOut)
  }

  @Test("An escalation in a month that is longer than the timeout never comes: the stage ends in time")
  func longMonth() {
    var approval = Self.sample(Plan(timeout: .days(29), escalation: Period(months: 1)))
    #expect(approval.nextDue == day(29), "not a month of 31 days later")
    #expect(approval.fallDue(due(day(29))) == [.completed])
    #expect(approval.outcome == .timedOut)
  }

  @Test("An approver who has given another's word has been heard, and so has whoever decides for them")
  func countsOnce() throws {
    let twice = Plan(timeout: .days(14), approvalsRequired: 2)
    let forBo = ApprovalProcess.Decision(
      verdict: .approve, by: Self.ada, onBehalfOf: Self.bo, capacity: .singleUser, justification: "",
      at: day(1))
    for next in [
      Self.yes(Self.ada), Self.yes(Self.bo),
      ApprovalProcess.Decision(
        verdict: .approve, by: Self.cy, onBehalfOf: Self.ada, capacity: .singleUser, justification: "",
        at: day(1)),
    ] {
      var approval = Self.sample(twice)
      _ = try approval.decide(forBo)
      let refusal = #expect(throws: Refusal.self) { try approval.decide(next) }
      #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
    }
  }

  @Test("A stage that its caller has not seen is not decided by mistake")
  func seen() throws {
    var approval = Self.sample(Plan(timeout: .days(14)), Plan(timeout: .days(14)))
    _ = try approval.decide(Self.yes(Self.ada), in: 0)
    let refusal = #expect(throws: Refusal.self) { try approval.decide(Self.yes(Self.bo), in: 0) }
    #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
    #expect(try approval.decide(Self.yes(Self.bo), in: 1) == [.completed])
  }

  @Test("Of several who shorten the shortest wins, and nothing gets longer")
  func shortens() throws {
    var approval = Self.sample(Plan(timeout: .days(14), approvalsRequired: 3))
    #expect(approval.shortenedEnd == nil)
    _ = try approval.decide(Self.yes(Self.ada, endsAt: day(60)))
    _ = try approval.decide(Self.yes(Self.bo, endsAt: day(30)))
    _ = try approval.decide(Self.yes(Self.cy))
    #expect(approval.shortenedEnd == day(30))

    for (asked, given) in [(Term(duration: .days(180)), day(30)), (Term(latestEnd: day(20)), day(20))] {
      var request = AccessRequest.sample(.pendingApproval, term: asked)
      _ = request.approvalCompleted(.approved, shortenedEnd: approval.shortenedEnd, at: day(1))
      #expect(request.term.end(from: day(1)) == given)
    }
  }

  @Test("Whoever approved takes it back, once; nobody else, and nothing that was not approved")
  func revokes() throws {
    func revocation(_ by: UUID) -> ApprovalProcess.Revocation {
      .init(by: by, justification: "The project is over", at: day(9))
    }
    var approval = Self.sample(Plan(timeout: .days(14)), Plan(timeout: .days(14)))
    _ = try approval.decide(Self.yes(Self.ada))
    let early = #expect(throws: Refusal.self) { try approval.revoke(revocation(Self.ada)) }
    #expect(early?.reasons.map(\.code) == [.notRevocable])
    _ = try approval.decide(Self.yes(Self.bo))
    let stranger = #expect(throws: Refusal.self) { try approval.revoke(revocation(Self.cy)) }
    #expect(stranger?.reasons.map(\.code) == [.notAnApprover])
    #expect(try approval.revoke(revocation(Self.ada)) == [.revoked])
    #expect(try approval.revoke(revocation(Self.bo)).isEmpty)
    #expect(approval.outcome == .approved && approval.revocation?.by == Self.ada)
    var denied = Self.sample(Plan(timeout: .days(14), approvalsRequired: 2))
    _ = try denied.decide(Self.yes(Self.ada))
    _ = try denied.decide(ApprovalProcessTests.decision(.deny, by: Self.bo))
    #expect(throws: Refusal.self) { try denied.revoke(revocation(Self.ada)) }
    #expect(throws: Refusal.self) { try denied.revoke(revocation(Self.bo)) }
  }

  @Test("Whatever comes in whatever order, it ends once, and no clock runs on", arguments: UInt64(1)...100)
  func property(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let plans = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      Plan(
        timeout: .days(.random(in: 3...9, using: &random)),
        escalation: Bool.random(using: &random) ? .days(1) : nil,
        approvalsRequired: .random(in: 1...2, using: &random))
    }
    var approval = ApprovalProcessTests.sample(.pending, plans)
    var completions = 0
    for step in 0..<40 {
      let (version, wasOver) = (approval.version, approval.state != .pending)
      let someone = [Self.ada, Self.bo, Self.cy].randomElement(using: &random) ?? Self.ada
      let events: [ApprovalProcess.Event] =
        switch Int.random(in: 0..<10, using: &random) {
        case 0: approval.fallDue(due(approval.nextDue ?? day(step)))
        case 1: approval.fallDue(due(day(step)))
        case 2: (try? approval.decide(ApprovalProcessTests.decision(.deny, by: someone, at: day(1)))) ?? []
        case _: (try? approval.decide(Self.yes(someone, at: day(1)))) ?? []
        }
      completions += events.count { $0 == .completed }
      #expect(events.isEmpty == (approval.version == version), "seed \(seed)")
      if wasOver { #expect(events.isEmpty, "seed \(seed)") }
      #expect((approval.state == .pending) == (approval.nextDue != nil), "seed \(seed)")
    }
    #expect(completions == (approval.state == .pending ? 0 : 1), "seed \(seed)")
    let approvals = approval.stages.count { stage in
      stage.decisions.count { $0.verdict == .approve } >= stage.plan.approvalsRequired
    }
    #expect((approval.state == .approved) == (approvals == plans.count), "seed \(seed)")
  }
}
