import EntitlementModel
import Foundation
import Testing

/// What can be done with a request, in every state: one table for requests that give access, one for those that change
/// it, one for those that take it away. A cell says what the request becomes and, after a slash, its finer status:
///
///     –        nothing happens
///     refused  the caller is told why, and what would be right
///     again    it stays what it is, and is carried out once more
@Suite("What can be done with a request, in every state")
struct RequestStateTests {
  static let giving = """
    state              | cancel   | reprocess  | approved   | denied | timed out       | its start comes | its end has passed
    pendingApproval    | canceled | refused    | delivering | denied | denied/TimedOut | –               | denied/EndPassed
    scheduled          | canceled | refused    | –          | –      | –               | delivering      | denied/EndPassed
    delivering         | refused  | again      | –          | –      | –               | –               | denied/EndPassed
    partiallyDelivered | refused  | again      | –          | –      | –               | –               | denied/EndPassed
    delivered          | refused  | again      | –          | –      | –               | –               | –
    deliveryFailed     | refused  | delivering | –          | –      | –               | –               | –
    denied             | refused  | refused    | –          | –      | –               | –               | –
    canceled           | –        | refused    | –          | –      | –               | –               | –
    """

  static let changing = """
    state              | cancel   | reprocess | approved   | denied | timed out       | its start comes | its end has passed
    pendingApproval    | canceled | refused   | delivering | denied | denied/TimedOut | –               | denied/EndPassed
    scheduled          | canceled | refused   | –          | –      | –               | delivering      | denied/EndPassed
    delivering         | refused  | refused   | –          | –      | –               | –               | canceled/AssignmentEnded
    partiallyDelivered | refused  | refused   | –          | –      | –               | –               | canceled/AssignmentEnded
    delivered          | refused  | refused   | –          | –      | –               | –               | –
    deliveryFailed     | refused  | refused   | –          | –      | –               | –               | canceled/AssignmentEnded
    denied             | refused  | refused   | –          | –      | –               | –               | –
    canceled           | –        | refused   | –          | –      | –               | –               | –
    """

  static let taking = """
    state              | cancel   | reprocess | approved   | denied | timed out       | its start comes | its end has passed
    pendingApproval    | canceled | refused   | delivering | denied | denied/TimedOut | –               | delivering
    scheduled          | canceled | refused   | –          | –      | –               | delivering      | delivering
    delivering         | refused  | again     | –          | –      | –               | –               | delivered
    partiallyDelivered | refused  | refused   | –          | –      | –               | –               | delivered
    delivered          | refused  | refused   | –          | –      | –               | –               | –
    deliveryFailed     | refused  | refused   | –          | –      | –               | –               | delivered
    denied             | refused  | refused   | –          | –      | –               | –               | –
    canceled           | –        | refused   | –          | –      | –               | –               | –
    """

  struct Row: Sendable, CustomTestStringConvertible {
    let kind: AccessRequest.Kind
    let state: AccessRequest.State
    let action, becomes: String

    var testDescription: String { "\(kind), \(state): \(action) → \(becomes)" }
  }

  static let rows = AccessRequest.Kind.allCases.flatMap { kind in
    switch kind.purpose {
    case .add: rows(of: giving, kind)
    case .update: rows(of: changing, kind)
    case .remove: rows(of: taking, kind)
    }
  }

  private static func rows(of table: String, _ kind: AccessRequest.Kind) -> [Row] {
    let lines = table.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return lines.dropFirst().flatMap { cells in
      zip(lines[0], cells).dropFirst().compactMap { action, cell in
        AccessRequest.State(rawValue: cells[0]).map {
          Row(kind: kind, state: $0, action: action, becomes: cell)
        }
      }
    }
  }

  @Test("Every kind, in every state, with everything that can be done", arguments: rows)
  func holds(row: Row) throws {
    var request = AccessRequest.sample(
      row.state, row.kind, startsAt: day(3), term: Term(latestEnd: day(5)),
      assignment: row.kind.purpose == .add ? requestID : assignmentID)
    let before = request
    switch row.becomes {
    case "refused":
      let refusal = #expect(throws: Refusal.self) { try Self.apply(row.action, to: &request) }
      #expect(refusal?.reasons.allSatisfy { !$0.hint.isEmpty } == true, "and is told what would be right")
      #expect(request == before)
    case "–":
      #expect(try Self.apply(row.action, to: &request) == [])
      #expect(request == before)
    case "again":
      #expect(try Self.apply(row.action, to: &request) == [.approved])
      #expect(request.state == row.state && request.version == before.version + 1)
      #expect(request.reprocessed.assertions == 1)
    case let next:
      let words = next.split(separator: "/").map(String.init)
      let state = try #require(AccessRequest.State(rawValue: words[0]))
      #expect(try Self.apply(row.action, to: &request) == [Self.fact(of: state)])
      #expect(request.state == state)
      #expect(
        request.status.rawValue == words.dropFirst().first ?? AccessRequest.Status.usual(for: state).rawValue)
      #expect(request.version == before.version + 1)
    }
  }

  @Test("The tables have every kind, state and action, once")
  func tablesAreComplete() {
    #expect(Set(Self.rows.map(\.testDescription)).count == Self.rows.count)
    #expect(Self.rows.count == AccessRequest.Kind.allCases.count * AccessRequest.State.allCases.count * 7)
  }

  private static func apply(_ action: String, to request: inout AccessRequest) throws -> [AccessRequest.Event]
  {
    switch action {
    case "cancel": try request.cancel(at: day(1))
    case "reprocess": try request.reprocess()
    case "approved":
      // Its start has come meanwhile.
      request.approvalCompleted(.approved, at: day(3))
    case "denied": request.approvalCompleted(.denied, at: day(1))
    case "timed out": request.approvalCompleted(.timedOut, at: day(1))
    case "its start comes": request.startDue(due(day(3)), at: day(3))
    case "its end has passed": passEnd(of: &request)
    case let unknown: throw UnknownAction(name: unknown)
    }
  }

  struct UnknownAction: Error { let name: String }

  /// Approved, started or delivered too late, as far as it has come.
  private static func passEnd(of request: inout AccessRequest) -> [AccessRequest.Event] {
    switch request.state {
    case .pendingApproval: request.approvalCompleted(.approved, at: day(6))
    case .scheduled: request.startDue(due(day(3)), at: day(6))
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled:
      request.assignmentChanged(
        Assignment.Summary(
          state: request.kind.purpose == .add ? .deliveryFailed : .expired, deliveredAt: nil,
          answeredRequest: nil, failure: request.kind.purpose == .add ? .endPassed : nil), at: day(6))
    }
  }

  private static func fact(of state: AccessRequest.State) -> AccessRequest.Event {
    switch state {
    case .pendingApproval: .submitted
    case .scheduled: .scheduled
    case .delivering, .partiallyDelivered: .approved
    case .delivered: .delivered
    case .deliveryFailed: .deliveryFailed
    case .denied: .denied
    case .canceled: .canceled
    }
  }
}

@Suite("When a request begins, and when it is too late for that")
struct RequestScheduleTests {
  static func submitted(
    startsAt: Date?, endsAt: Date?, needsApproval: Bool = false, at now: Date = noon
  ) -> AccessRequest {
    AccessRequest.submit(
      AccessRequest.Draft(
        id: requestID, tenant: contoso, kind: .userAdd, target: annaAsTarget, requestor: anna,
        accessPackage: package, assignmentPolicy: policy, organization: fabrikam, startsAt: startsAt,
        term: Term(latestEnd: endsAt)), needsApproval: needsApproval, at: now
    ).0
  }

  @Test("Decision 11: a start in the past, or now, means now")
  func pastStart() {
    #expect(Self.submitted(startsAt: day(-3), endsAt: nil).state == .delivering)
    #expect(Self.submitted(startsAt: noon, endsAt: nil).state == .delivering)
    #expect(Self.submitted(startsAt: day(-3), endsAt: nil).startsAt == nil)
    #expect(Self.submitted(startsAt: day(3), endsAt: nil).state == .scheduled)
  }

  @Test("Approved before its start it waits for that; approved after it, it begins at once")
  func approvalAroundStart() {
    var early = Self.submitted(startsAt: day(3), endsAt: day(9), needsApproval: true)
    var late = early
    #expect(early.approvalCompleted(.approved, at: day(1)) == [.scheduled])
    #expect(early.state == .scheduled && early.status == .pendingNotBefore)
    #expect(late.approvalCompleted(.approved, at: day(4)) == [.approved])
    #expect(late.state == .delivering)
  }

  @Test("Decision 16: an end that an approver sets before the start leaves nothing to give")
  func shortenedBeforeStart() {
    var request = Self.submitted(startsAt: day(3), endsAt: day(9), needsApproval: true)
    #expect(request.approvalCompleted(.approved, shortenedEnd: day(2), at: day(1)) == [.denied])
    #expect(request.status == .endPassed)
  }

  @Test("A start that is noticed too late is the end, one that is noticed late begins when it should have")
  func lateStart() {
    var (late, tooLate) = (
      Self.submitted(startsAt: day(3), endsAt: day(9)), Self.submitted(startsAt: day(3), endsAt: day(9))
    )
    #expect(late.startDue(due(day(3)), at: day(4)) == [.approved])
    #expect(tooLate.startDue(due(day(3)), at: day(9)) == [.denied])
    #expect(tooLate.status == .endPassed)
  }
}
