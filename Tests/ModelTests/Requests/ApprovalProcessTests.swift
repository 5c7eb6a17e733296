import EntitlementModel
import Foundation
import Testing

@Suite("An approval, in every state")
struct ApprovalProcessTests {
  typealias Stage = ApprovalProcess.Stage

  enum Input: Sendable, Hashable, CaseIterable {
    case approve, deny, itsDeadline, anotherDeadline, cancel
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let (state, input, becomes): (ApprovalProcess.State, Input, ApprovalProcess.State)
    let tells: [ApprovalProcess.Event]

    init(
      _ state: ApprovalProcess.State, _ input: Input, _ becomes: ApprovalProcess.State,
      tells: [ApprovalProcess.Event] = []
    ) {
      (self.state, self.input, self.becomes, self.tells) = (state, input, becomes, tells)
    }

    var testDescription: String { "\(state), \(input): becomes \(becomes), tells \(tells)" }
  }

  static func decision(
    _ verdict: ApprovalProcess.Verdict, by: UUID = sponsor, endsAt: Date? = nil, at: Date = day(1)
  ) -> ApprovalProcess.Decision {
    ApprovalProcess.Decision(
      verdict: verdict, by: by, capacity: .externalSponsor, justification: "", endsAt: endsAt, at: at)
  }

  static func sample(
    _ state: ApprovalProcess.State = .pending, _ plans: [Stage.Plan] = [Stage.Plan(timeout: .days(14))]
  ) -> ApprovalProcess {
    ApprovalProcess(
      id: requestID, tenant: contoso, version: 1, state: state, target: annaAsTarget, requestor: anna,
      accessPackage: package, assignmentPolicy: policy, organization: fabrikam, justification: "",
      openedAt: noon, stages: plans.enumerated().map { Stage($1, openedAt: $0 == 0 ? noon : nil) })
  }

  static let rows: [Row] =
    [
      Row(.pending, .approve, .approved, tells: [.completed]),
      Row(.pending, .deny, .denied, tells: [.completed]),
      Row(.pending, .itsDeadline, .timedOut, tells: [.completed]),
      Row(.pending, .anotherDeadline, .pending),
      Row(.pending, .cancel, .canceled),
    ]
    + [ApprovalProcess.State.approved, .denied, .timedOut, .canceled].flatMap { over in
      [Input.itsDeadline, .anotherDeadline, .cancel].map { Row(over, $0, over) }
    }

  @Test("It ends once: decided, timed out (decision 13) or taken back", arguments: rows)
  func moves(row: Row) throws {
    var approval = Self.sample(row.state)
    let told: [ApprovalProcess.Event] =
      switch row.input {
      case .approve: try approval.decide(Self.decision(.approve))
      case .deny: try approval.decide(Self.decision(.deny))
      case .itsDeadline: approval.fallDue(due(day(14)))
      case .anotherDeadline: approval.fallDue(due(day(13)))
      case .cancel: approval.cancel()
      }
    #expect(approval.state == row.becomes)
    #expect(told == row.tells)
    #expect(approval.version == (row.becomes == row.state ? 1 : 2))
  }

  @Test(
    "The second to decide is told how it ended",
    arguments: ApprovalProcess.State.allCases.filter { $0 != .pending })
  func isAlreadyDecided(state: ApprovalProcess.State) {
    for verdict in [ApprovalProcess.Verdict.approve, .deny] {
      var approval = Self.sample(state)
      let refusal = #expect(throws: Refusal.self) { try approval.decide(Self.decision(verdict)) }
      #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
      #expect(refusal?.reasons.first?.hint == state.rawValue)
      #expect(approval.state == state)
    }
  }

  @Test("The clock is the request's, so a late message does not move the deadline")
  func opens() {
    let stage = AssignmentPolicy.Stage(timeout: .days(14), approvers: [.externalSponsors])
    let (approval, events) = ApprovalProcess.open(
      .sample(.pendingApproval), stages: [stage, stage], policy: policy)
    #expect(approval.openedAt == noon)
    #expect(approval.stages.map(\.expiresAt) == [day(14), nil])
    #expect(approval.nextDue == day(14))
    #expect(events == [.stageOpened])
  }

  @Test("Decision 14: a sponsor's submission is the first stage's yes, if the request says so")
  func firstStageGiven() {
    func open(_ count: Int) -> (ApprovalProcess, [ApprovalProcess.Event]) {
      let stage = AssignmentPolicy.Stage(timeout: .days(14), approvers: [.externalSponsors])
      var draft = AccessRequest.Draft(
        id: requestID, tenant: contoso, kind: .userAdd, target: annaAsTarget, requestor: sponsor,
        accessPackage: package, assignmentPolicy: policy, organization: fabrikam, term: Term())
      draft.isFirstStageGiven = true
      return ApprovalProcess.open(
        AccessRequest.submit(draft, needsApproval: true, at: noon).0,
        stages: Array(repeating: stage, count: count), policy: policy)
    }
    let (two, told) = open(2)
    #expect(two.state == .pending && two.currentStage == 1 && told == [.decided, .stageOpened])
    #expect(two.decisions.map(\.by) == [sponsor] && two.decisions.map(\.capacity) == [.externalSponsor])
    let (one, end) = open(1)
    #expect(one.state == .approved && end == [.completed])
  }

  @Test(
    "What the request is told",
    arguments: [
      (ApprovalProcess.State.pending, nil), (.approved, .approved), (.denied, .denied),
      (.timedOut, .timedOut), (.canceled, nil),
    ] as [(ApprovalProcess.State, ApprovalProcess.Outcome?)])
  func outcome(state: ApprovalProcess.State, outcome: ApprovalProcess.Outcome?) {
    #expect(Self.sample(state).outcome == outcome)
  }
}
