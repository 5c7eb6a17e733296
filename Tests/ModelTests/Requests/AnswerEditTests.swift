import EntitlementModel
import Testing

@Suite("Answers that take the place of earlier ones")
struct AnswerEditTests {
  static let line = Question.Kind.text(isSingleLine: true, pattern: nil)
  static let colors = ["red", "blue"].map { Question.Choice(value: $0, text: $0) }
  static let questions = [
    Question(id: "project", text: "?", isRequired: true, isAnswerEditable: true, kind: line),
    Question(id: "colors", text: "?", isAnswerEditable: true, kind: .choice(colors, isMultiple: true)),
    Question(id: "employer", text: "?", isRequired: true, kind: line),
    Question(id: "since", text: "?", kind: line),
  ]
  static let present = ["project": ["Spring"], "colors": ["red", "blue"], "employer": ["Fabrikam"]]

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let answers: [String: [String]]
    let person: [Reason.Code]
    let administrator: [Reason.Code]

    /// What differs from the present answers; nothing for one that is left out.
    init(
      _ description: String, _ changes: [String: [String]], _ person: [Reason.Code] = [],
      administrator: [Reason.Code] = []
    ) {
      testDescription = description
      answers = AnswerEditTests.present.merging(changes) { $1 }.filter { !$0.value.isEmpty }
      (self.person, self.administrator) = (person, administrator)
    }
  }

  static let rows = [
    Row("Another answer where it may be edited", ["project": ["Summer"]]),
    Row("No answer where none is needed", ["colors": []]),
    Row(
      "No answer where one is required", ["project": []], [.answerRequired], administrator: [.answerRequired]),
    Row("Another answer where it stays", ["employer": ["Contoso"]], [.answerNotEditable]),
    Row(
      "No answer where it stays and is required", ["employer": []], [.answerRequired, .answerNotEditable],
      administrator: [.answerRequired]),
    Row("A first answer, though it can not be edited later", ["since": ["May"]]),
    Row("What is no choice", ["colors": ["pink"]], [.answerNotAllowed], administrator: [.answerNotAllowed]),
    Row("What is not asked", ["shoes": ["42"]], [.unknownQuestion], administrator: [.unknownQuestion]),
    Row("Nothing else", [:], [.answersUnchanged], administrator: [.answersUnchanged]),
    Row(
      "The same choices in another order", ["colors": ["blue", "red"]], [.answersUnchanged],
      administrator: [.answersUnchanged]),
    Row("Both kinds at once", ["project": ["Summer"], "employer": ["Contoso"]], [.answerNotEditable]),
  ]

  @Test("The whole set is judged as it is asked now; people change what may be edited", arguments: rows)
  func judges(row: Row) {
    let edit = AnswerEdit(Self.questions, present: Self.answers(Self.present))
    let answers = Self.answers(row.answers)
    #expect(edit.faults(of: answers, isAdministrator: false).map(\.code) == row.person)
    #expect(edit.faults(of: answers, isAdministrator: true).map(\.code) == row.administrator)
  }

  @Test("A question that is asked no longer is answered no longer, and binds nobody")
  func goneQuestion() {
    let edit = AnswerEdit([Self.questions[0]], present: Self.answers(Self.present))
    let kept = Self.answers(["project": ["Spring"]])
    #expect(edit.faults(of: kept, isAdministrator: false).isEmpty)
    #expect(
      edit.faults(of: Self.answers(Self.present), isAdministrator: false).map(\.code)
        == [.unknownQuestion, .unknownQuestion])
  }

  @Test("Whoever may not is told what may be edited")
  func hint() {
    let edit = AnswerEdit(Self.questions, present: Self.answers(Self.present))
    let changed = Self.answers(Self.present.merging(["employer": ["Contoso"]]) { $1 })
    let fault = edit.faults(of: changed, isAdministrator: false).first
    #expect(fault?.field == "answers.employer" && fault?.hint == "editable: project colors")
  }

  private static func answers(_ content: [String: [String]]) -> [QuestionAnswer] {
    content.sorted { $0.key < $1.key }.map { QuestionAnswer(question: $0, values: $1) }
  }
}
