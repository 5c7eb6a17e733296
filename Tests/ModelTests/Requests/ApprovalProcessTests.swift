import EntitlementModel
import Foundation
import Testing

@Suite("An approval, in every state")
struct ApprovalProcessTests {
  static let approval = ApprovalProcess.Decision(
    verdict: .approve, by: sponsor, capacity: .externalSponsor, justification: "", at: day(1))
  static let denial = ApprovalProcess.Decision(
    verdict: .deny, by: sponsor, capacity: .fallback, justification: "Not this year", at: day(1))

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

  static func sample(_ state: ApprovalProcess.State) -> ApprovalProcess {
    ApprovalProcess(
      id: requestID, tenant: contoso, version: 1, state: state, target: annaAsTarget, requestor: anna,
      accessPackage: package, assignmentPolicy: policy, organization: fabrikam, justification: "",
      openedAt: noon, expiresAt: day(14))
  }

  static let rows: [Row] =
    [
      Row(.pending, .approve, .approved(approval), tells: [.completed]),
      Row(.pending, .deny, .denied(denial), tells: [.completed]),
      Row(.pending, .itsDeadline, .timedOut, tells: [.completed]),
      Row(.pending, .anotherDeadline, .pending),
      Row(.pending, .cancel, .canceled),
    ]
    + [ApprovalProcess.State.approved(approval), .denied(denial), .timedOut, .canceled].flatMap { over in
      [Input.itsDeadline, .anotherDeadline, .cancel].map { Row(over, $0, over) }
    }

  @Test("It ends once: decided, timed out (decision 13) or taken back", arguments: rows)
  func moves(row: Row) throws {
    var approval = Self.sample(row.state)
    let told: [ApprovalProcess.Event] =
      switch row.input {
      case .approve: try approval.decide(Self.approval)
      case .deny: try approval.decide(Self.denial)
      case .itsDeadline: approval.timeOut(due(day(14)))
      case .anotherDeadline: approval.timeOut(due(day(13)))
      case .cancel: approval.cancel()
      }
    #expect(approval.state == row.becomes)
    #expect(told == row.tells)
    #expect(approval.version == (row.becomes == row.state ? 1 : 2))
  }

  @Test(
    "The second to decide is told how it ended",
    arguments: [
      (ApprovalProcess.State.approved(approval), "approved"), (.denied(denial), "denied"),
      (.timedOut, "timedOut"), (.canceled, "canceled"),
    ])
  func isAlreadyDecided(state: ApprovalProcess.State, word: String) {
    for decision in [Self.approval, Self.denial] {
      var approval = Self.sample(state)
      let refusal = #expect(throws: Refusal.self) { try approval.decide(decision) }
      #expect(refusal?.reasons.map(\.code) == [.alreadyDecided])
      #expect(refusal?.reasons.first?.hint == word)
      #expect(approval.state == state)
    }
  }

  @Test("The clock is the request's, so a late message does not move the deadline")
  func opens() {
    let stage = AssignmentPolicy.Stage(timeout: .days(14), approvers: [.externalSponsors])
    let (approval, events) = ApprovalProcess.open(.sample(.pendingApproval), stage: stage, policy: policy)
    #expect(approval.openedAt == noon)
    #expect(approval.expiresAt == day(14))
    #expect(events == [.stageOpened])
  }

  @Test(
    "What the request is told",
    arguments: [
      (ApprovalProcess.State.pending, nil), (.approved(approval), .approved), (.denied(denial), .denied),
      (.timedOut, .timedOut), (.canceled, nil),
    ] as [(ApprovalProcess.State, ApprovalProcess.Outcome?)])
  func outcome(state: ApprovalProcess.State, outcome: ApprovalProcess.Outcome?) {
    #expect(Self.sample(state).outcome == outcome)
  }
}
