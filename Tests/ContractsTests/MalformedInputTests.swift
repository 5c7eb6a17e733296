import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@Suite("Decision 9: bad input is a typed error that names the field")
struct MalformedInputTests {
  typealias Message = Vestibule_Model_V1_Request

  struct Row: Sendable, CustomTestStringConvertible {
    let (field, code): (String, Reason.Code)
    let change: @Sendable (inout Message) -> Void
    var testDescription: String { "\(field): \(code)" }

    init(_ field: String, _ code: Reason.Code, change: @escaping @Sendable (inout Message) -> Void) {
      (self.field, self.code, self.change) = (field, code, change)
    }
  }

  static let rows = [
    Row("id", .required) { $0.id = "" },
    Row("id", .malformed) { $0.id = "7" },
    Row("tenant", .malformed) { $0.tenant = "contoso" },
    Row("target.subject", .required) { $0.clearTarget() },
    Row("requestor", .required) { $0.requestor = "" },
    Row("assignment_policy", .malformed) { $0.assignmentPolicy = "x" },
    Row("organization", .malformed) { $0.organization = "x" },
    Row("request_type", .required) { $0.requestType = .notSpecified },
    Row("request_type", .outOfRange) { $0.requestType = .UNRECOGNIZED(99) },
    Row("state", .outOfRange) { $0.state = .submitted },
    Row("status", .outOfRange) { $0.status = "Odd" },
    Row("created_at", .required) { $0.clearCreatedAt() },
    Row("completed_at", .outOfRange) { $0.completedAt.seconds = .max },
    Row("schedule.start_date_time", .outOfRange) { $0.schedule.startDateTime.nanos = -1 },
    Row("duration", .malformed) { $0.duration = "soon" },
  ]

  @Test("A request", arguments: rows)
  func request(row: Row) {
    var message = Message(.sample(), epoch: 1)
    row.change(&message)
    let error = #expect(throws: ContractError.self) { try AccessRequest(message) }
    #expect(error?.field == row.field)
    #expect(error?.code == row.code)
    #expect(error?.expected.isEmpty == false)
    #expect(error?.refusal.reasons.first?.field == row.field)
  }

  @Test("An approval without stages, and a decision without a verdict")
  func approvals() {
    var message = Vestibule_Model_V1_Approval()
    (message.id, message.tenant) = (uuid(1).text, uuid(3).text)
    #expect(throws: ContractError(.required, field: "stages", expected: "one to three")) {
      try ApprovalProcess(message)
    }
    message.stages = [
      .with {
        $0.durationBeforeAutomaticDenial = "P1D"
        $0.decisions = [.init()]
      }
    ]
    let error = #expect(throws: ContractError.self) { try ApprovalProcess(message) }
    #expect(error?.field == "stages[0].decisions[0].verdict")
  }

  @Test("More answers than there can be questions, and an answer to no question")
  func answers() {
    let many = Array(repeating: Vestibule_Model_V1_Answer.with { $0.question = "q" }, count: 61)
    let tooMany = #expect(throws: ContractError.self) { try QuestionAnswer.each(many, at: "answers") }
    #expect(tooMany?.code == .tooManyItems)
    let nameless = #expect(throws: ContractError.self) { try QuestionAnswer.each([.init()], at: "answers") }
    #expect(nameless?.field == "answers[0].question")
  }

  @Test("An element of a list is named by its place")
  func element() {
    var message = Vestibule_Model_V1_DomainList()
    message.domains = ["fabrikam.example", "not a domain"]
    let error = #expect(throws: ContractError.self) { try DomainList(message) }
    #expect(error?.field == "domains[1]")
  }

  @Test("A text that is too long")
  func longText() {
    let error = #expect(throws: ContractError.self) {
      try Field.text(String(repeating: "x", count: 4_001), at: "justification", limit: Limits.justification)
    }
    #expect(error?.code == .tooLong)
  }
}
