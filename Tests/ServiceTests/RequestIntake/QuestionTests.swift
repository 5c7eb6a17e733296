import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Questions, stored with the request")
struct QuestionTests {
  private static let project = QuestionAnswer(question: "project", values: ["Spring"])
  private static let tools = QuestionAnswer(question: "tools", values: ["wiki", "tracker"])

  private func ask(_ intake: IntakeFixture) async throws {
    try await intake.putPolicy { policy in
      policy.questions = [
        .with {
          ($0.id, $0.text, $0.isRequired) = ("project", "Which project?", true)
          $0.textInput.isSingleLineQuestion = true
        },
        .with {
          ($0.id, $0.text) = ("tools", "Which tools?")
          $0.multipleChoice.isMultipleSelectionAllowed = true
          $0.multipleChoice.choices = ["wiki", "tracker"].map { name in
            .with { ($0.actualValue, $0.text) = (name, name) }
          }
        },
      ]
    }
  }

  @Test("What is not answered as asked is refused, for oneself and for others, and nothing is stored")
  func refuses() async throws {
    try await IntakeFixture.run { intake in
      try await ask(intake)
      let person = try await intake.person("ann")
      let bad = QuestionAnswer(question: "tools", values: ["chat"])
      let refusal = await #expect(throws: Refusal.self) {
        try await intake.submit(by: person) { $0.answers = [bad] }
      }
      #expect(refusal?.reasons.map(\.code) == [.answerRequired, .answerNotAllowed])
      #expect(refusal?.reasons.map(\.field) == ["answers.project", "answers.tools"])
      #expect(try await intake.told(.requestApproved) == 0)
      #expect(try await intake.submit(by: person) { $0.answers = [Self.project] }.answers.count == 1)
    }
  }

  @Test("Answers are kept, and told to those who decide")
  func keeps() async throws {
    try await IntakeFixture.run { intake in
      try await ask(intake)
      let person = try await intake.person("ann")
      let made = try await intake.submit(by: person) { $0.answers = [Self.project, Self.tools] }
      #expect(made.answers.map(\.values) == [["Spring"], ["wiki", "tracker"]])
      #expect(try await intake.request(made.id)?.request.answers == [Self.project, Self.tools])
    }
  }

  @Test("The same key with other answers is another ask")
  func idempotency() async throws {
    try await IntakeFixture.run { intake in
      try await ask(intake)
      let person = try await intake.person("ann")
      let first = try await intake.submit(by: person) {
        ($0.answers, $0.idempotencyKey) = ([Self.project], "once")
      }
      let again = try await intake.submit(by: person) {
        ($0.answers, $0.idempotencyKey) = ([Self.project], "once")
      }
      #expect(again.id == first.id)
      let refusal = await #expect(throws: Refusal.self) {
        try await intake.submit(by: person) {
          ($0.answers, $0.idempotencyKey) = ([Self.project, Self.tools], "once")
        }
      }
      #expect(refusal?.reasons.map(\.code) == [.idempotencyConflict])
    }
  }

  @Test("Decision 16: what an approver gives at most is what is granted")
  func shortened() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let end = intake.now + .days(30)
      let shortened = try await intake.submit(by: try await intake.person("ann"))
      try await intake.decide(shortened, .approved, shortenedTo: end)
      let granted = try #require(try await intake.request(shortened.id)).request
      #expect(granted.state == .delivering)
      #expect(granted.term.duration == .days(180) && end.isSameInstant(as: granted.term.latestEnd))
    }
  }
}
