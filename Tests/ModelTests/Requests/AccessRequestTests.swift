import EntitlementModel
import Foundation
import Testing

@Suite("A request, in every state")
struct AccessRequestTests {
  /// In this state, this happens: it becomes that, and tells these.
  struct Row<Input: Sendable & Hashable>: Sendable, CustomTestStringConvertible {
    let (state, input): (AccessRequest.State, Input)
    let (becomes, status): (AccessRequest.State, AccessRequest.Status)
    let tells: [AccessRequest.Event]

    init(
      _ state: AccessRequest.State, _ input: Input, _ becomes: AccessRequest.State,
      _ status: AccessRequest.Status, tells: [AccessRequest.Event] = []
    ) {
      (self.state, self.input, self.becomes, self.status) = (state, input, becomes, status)
      self.tells = tells
    }

    /// Nothing changes.
    static func stays(_ states: AccessRequest.State..., on inputs: [Input]) -> [Row] {
      states.flatMap { state in inputs.map { Row(state, $0, state, .usual(for: state)) } }
    }

    var testDescription: String { "\(state), \(input): becomes \(becomes), \(status), tells \(tells)" }

    func check(
      _ after: AccessRequest, told: [AccessRequest.Event], at location: SourceLocation = #_sourceLocation
    ) {
      #expect(after.state == becomes, sourceLocation: location)
      #expect(after.status == status, sourceLocation: location)
      #expect(told == tells, sourceLocation: location)
      #expect(after.version == (becomes == state ? 1 : 2), "every transition raises the version")
    }
  }

  // MARK: The end of its approval

  static let outcomes: [Row<ApprovalProcess.Outcome>] =
    [
      Row(.pendingApproval, .approved, .delivering, .delivering, tells: [.approved]),
      Row(.pendingApproval, .denied, .denied, .denied, tells: [.denied]),
      Row(.pendingApproval, .timedOut, .denied, .timedOut, tells: [.denied]),
    ]
    + Row.stays(
      .scheduled, .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled,
      on: ApprovalProcess.Outcome.allCases)

  @Test(
    "Approval moves only a request that waits for it (decision 13: a time-out is a denial)",
    arguments: outcomes)
  func approvalCompletes(row: Row<ApprovalProcess.Outcome>) {
    var request = AccessRequest.sample(row.state)
    let told = request.approvalCompleted(row.input, at: day(1))
    row.check(request, told: told)
  }

  @Test("The table of outcomes has every state")
  func outcomesAreComplete() {
    #expect(Set(Self.outcomes.map { [$0.state.rawValue, $0.input.rawValue] }).count == 8 * 3)
  }

  // MARK: Its scheduled start

  enum Start: Sendable, CaseIterable { case itsStart, anotherStart }

  static let starts: [Row<Start>] =
    [
      Row(.scheduled, .itsStart, .delivering, .delivering, tells: [.approved]),
      Row(.scheduled, .anotherStart, .scheduled, .pendingNotBefore),
    ]
    + Row.stays(
      .pendingApproval, .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled,
      on: Start.allCases)

  @Test(
    "A scheduled start begins delivery, and a due message for another one says nothing", arguments: starts)
  func startFallsDue(row: Row<Start>) {
    var request = AccessRequest.sample(row.state, startsAt: day(3))
    let told = request.startDue(due(row.input == .itsStart ? day(3) : day(2)), at: day(3))
    row.check(request, told: told)
  }

  // MARK: Taking it back

  static let cancellations: [Row<String>] = [
    Row(.pendingApproval, "cancel", .canceled, .canceled, tells: [.canceled]),
    Row(.scheduled, "cancel", .canceled, .canceled, tells: [.canceled]),
    Row(.canceled, "cancel", .canceled, .canceled),
  ]

  @Test("A request can be taken back until it is granted; twice is once", arguments: cancellations)
  func cancels(row: Row<String>) throws {
    var request = AccessRequest.sample(row.state)
    let told = try request.cancel(at: day(1))
    row.check(request, told: told)
  }

  @Test(
    "After that it is refused",
    arguments: [
      AccessRequest.State.delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied,
    ])
  func isNotCancelable(state: AccessRequest.State) {
    var request = AccessRequest.sample(state)
    let refusal = #expect(throws: Refusal.self) { try request.cancel(at: day(1)) }
    #expect(refusal?.reasons.map(\.code) == [.notCancelable])
    #expect(request == .sample(state))
  }
}
