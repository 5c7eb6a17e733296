import EntitlementModel
import Foundation
import Testing

/// An extension, by its state, when the access that it was to extend is gone: what becomes of it once that is known. A cell
/// says the state and, after a slash, what is told.
@Suite("Decision 10: an extension that comes too late for its access makes a new assignment")
struct LateExtensionTests {
  static let table = """
    state              | the clock ended it  | anything else did | it was removed on the way | it had been given
    pendingApproval    | renews              | –                 | –                         | –
    delivering         | renews/approved     | –                 | –                         | –
    scheduled          | –                   | –                 | –                         | –
    partiallyDelivered | –                   | –                 | –                         | –
    delivered          | –                   | –                 | –                         | –
    deliveryFailed     | –                   | –                 | –                         | –
    denied             | –                   | –                 | –                         | –
    canceled           | –                   | –                 | –                         | –
    """

  struct Row: Sendable, CustomTestStringConvertible {
    let state: AccessRequest.State
    let end, becomes: String
    var testDescription: String { "\(state), \(end) → \(becomes)" }
  }

  static let rows = {
    let lines = table.split(separator: "\n").map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return lines.dropFirst().flatMap { cells in
      zip(lines[0], cells).dropFirst().compactMap { end, cell in
        AccessRequest.State(rawValue: cells[0]).map { Row(state: $0, end: end, becomes: cell) }
      }
    }
  }()

  private static func newest(_ end: String) -> [Assignment.Summary] {
    func ended(
      _ reason: Assignment.EndReason, _ state: Assignment.State = .expired, answers: UUID? = nil
    ) -> Assignment.Summary {
      Assignment.Summary(
        state: state, deliveredAt: noon, answeredRequest: answers, failure: nil, endReason: reason)
    }
    switch end {
    case "the clock ended it": return [ended(.timeUp), ended(.timeUp, answers: uuid(77))]
    case "anything else did":
      return Assignment.EndReason.allCases.filter { $0 != .timeUp }.map { ended($0) }
    case "it was removed on the way": return [ended(.timeUp, .removing), ended(.removedByPerson, .removing)]
    default: return [ended(.timeUp, answers: requestID)]
    }
  }

  static let answers = [QuestionAnswer(question: "badge", values: ["4711"])]

  @Test("By state and by what has become of its access", arguments: rows)
  func holds(row: Row) {
    for newest in Self.newest(row.end) {
      var request = AccessRequest.sample(
        row.state, .userUpdate, term: Term(latestEnd: day(200)), assignment: assignmentID)
      let before = request
      #expect(request.outlasts(newest) == row.becomes.hasPrefix("renews"))
      guard request.outlasts(newest) else { continue }
      let told = request.renew(answering: Self.answers, at: day(181))
      #expect(told == (row.becomes.hasSuffix("approved") ? [.approved] : []))
      #expect(request.state == before.state && request.version == before.version + 1)
      #expect(request.assignment == request.id && request.isRenewal && request.purpose == .add)
      #expect(request.answers == Self.answers)
      // Whatever is told of the old access afterwards is not about it any more.
      #expect(!request.outlasts(newest))
    }
  }

  @Test("Other answers for access that is gone are not asked for any more, nor is its end")
  func others() {
    let ended = Self.newest("the clock ended it")[0]
    let answers = AccessRequest(
      id: requestID, tenant: contoso, version: 1, kind: .userUpdate, update: .answers, state: .delivering,
      status: .delivering, target: annaAsTarget, requestor: anna, accessPackage: package,
      assignmentPolicy: policy, organization: fabrikam, assignment: assignmentID, justification: "",
      startsAt: nil, term: Term(), createdAt: noon, completedAt: nil)
    #expect(!answers.outlasts(ended))
    #expect(!AccessRequest.sample(.delivering, .userRemove, assignment: assignmentID).outlasts(ended))
    #expect(!AccessRequest.sample(.delivering, .userAdd).outlasts(ended))
  }

  @Test("Approved later, it ends when the extension would have: the clock began with the decision, caps hold")
  func period() {
    func renewed(_ term: Term) -> AccessRequest {
      var request = AccessRequest.sample(.pendingApproval, .userUpdate, term: term, assignment: assignmentID)
      _ = request.renew(answering: [], at: day(181))
      return request
    }
    var request = renewed(Term(duration: .days(30)))
    #expect(request.approvalCompleted(.approved, at: day(190)) == [.approved])
    #expect(request.term == Term(latestEnd: day(220)))
    var capped = renewed(Term(duration: .days(30), latestEnd: day(200)))
    #expect(capped.approvalCompleted(.approved, at: day(190)) == [.approved])
    #expect(capped.term == Term(latestEnd: day(200)))
    var shortened = renewed(Term(duration: .days(30)))
    #expect(shortened.approvalCompleted(.approved, shortenedEnd: day(195), at: day(190)) == [.approved])
    #expect(shortened.term == Term(latestEnd: day(195)))
    var endless = renewed(Term())
    #expect(endless.approvalCompleted(.approved, at: day(190)) == [.approved])
    #expect(endless.term == Term(latestEnd: nil))
  }

  @Test("Nothing left to give: denied, status EndPassed, whether the decision or the news was late")
  func endPassed() {
    var decidedLate = AccessRequest.sample(
      .pendingApproval, .userUpdate, term: Term(duration: .days(30), latestEnd: day(185)),
      assignment: assignmentID)
    #expect(decidedLate.renew(answering: [], at: day(181)) == [])
    #expect(decidedLate.approvalCompleted(.approved, at: day(190)) == [.denied])
    #expect(decidedLate.status == .endPassed)
    var toldLate = AccessRequest.sample(
      .delivering, .userUpdate, term: Term(latestEnd: day(185)), assignment: assignmentID)
    #expect(toldLate.renew(answering: [], at: day(186)) == [.denied])
    #expect(toldLate.status == .endPassed && !toldLate.isRenewal)
  }

  @Test("Undecided it can be canceled, denied, or run out like any request; delivered, done again")
  func lives() throws {
    func renewed(_ state: AccessRequest.State) -> AccessRequest {
      var request = AccessRequest.sample(
        state, .userUpdate, term: Term(latestEnd: day(300)), assignment: assignmentID)
      _ = request.renew(answering: [], at: day(181))
      return request
    }
    var canceled = renewed(.pendingApproval)
    #expect(try canceled.cancel(at: day(182)) == [.canceled])
    var denied = renewed(.pendingApproval)
    #expect(denied.approvalCompleted(.timedOut, at: day(182)) == [.denied])
    var delivered = renewed(.delivering)
    let summary = Assignment.Summary(
      state: .delivered, deliveredAt: day(182), answeredRequest: nil, failure: nil)
    #expect(delivered.assignmentChanged(summary, at: day(182)) == [.delivered])
    #expect(try delivered.reprocess() == [.approved])
  }

  @Test("The table has every state and end, once")
  func isComplete() {
    #expect(Set(Self.rows.map(\.testDescription)).count == AccessRequest.State.allCases.count * 4)
    #expect(Self.rows.count == AccessRequest.State.allCases.count * 4)
  }
}
