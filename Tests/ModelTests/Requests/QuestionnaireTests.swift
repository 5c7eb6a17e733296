import EntitlementModel
import Testing

@Suite("Questions of a policy, and what answers them")
struct QuestionnaireTests {
  static let colors = ["red", "green", "blue"].map { Question.Choice(value: $0, text: $0.uppercased()) }
  static let line = Question.Kind.text(isSingleLine: true, pattern: nil)
  static let text = Question.Kind.text(isSingleLine: false, pattern: nil)
  static let costCenter = Question.Kind.text(isSingleLine: true, pattern: AnswerPattern("[A-Z]{2}-[0-9]{4}"))
  static let one = Question.Kind.choice(colors, isMultiple: false)
  static let several = Question.Kind.choice(colors, isMultiple: true)

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: Question.Kind
    let values: [String]
    let code: Reason.Code?

    init(_ description: String, _ kind: Question.Kind, _ values: [String], _ code: Reason.Code? = nil) {
      (testDescription, self.kind, self.values, self.code) = (description, kind, values, code)
    }
  }

  static let rows = [
    Row("One line", line, ["The spring project"]),
    Row("Two lines where one is asked for", line, ["The spring\nproject"], .answerNotAllowed),
    Row("Two lines of a longer text", text, ["The spring\nproject"]),
    Row("A line that is too long", line, [String(repeating: "x", count: 257)], .tooLong),
    Row("A text that is too long", text, [String(repeating: "x", count: 4_001)], .tooLong),
    Row("Two texts", text, ["One", "Two"], .answerNotAllowed),
    Row("Nothing", line, [], .answerRequired),
    Row("Blanks are nothing", line, [" \n"], .answerRequired),
    Row("The form that is asked for", costCenter, ["DE-4711"]),
    Row("Another form", costCenter, ["DE-47"], .answerNotAllowed),
    Row("The form within something longer", costCenter, ["DE-4711 and more"], .answerNotAllowed),
    Row("A choice", one, ["red"]),
    Row("No choice of these", one, ["pink"], .answerNotAllowed),
    Row("Two where one is allowed", one, ["red", "blue"], .answerNotAllowed),
    Row("Two where several are allowed", several, ["red", "blue"]),
    Row("The same twice", several, ["red", "red"], .answerNotAllowed),
  ]

  @Test("An answer is what the question asks for, or told why not", arguments: rows)
  func judges(row: Row) {
    let question = Question(id: "q", text: "?", isRequired: true, kind: row.kind)
    let faults = Questionnaire([question]).faults(of: [QuestionAnswer(question: "q", values: row.values)])
    #expect(faults.map(\.code) == (row.code.map { [$0] } ?? []))
    #expect(faults.allSatisfy { $0.field == "answers.q" })
  }

  @Test("What need not be answered may be left out; every fault is told (decision 8)")
  func tellsAll() {
    let questions = [
      Question(id: "a", text: "A?", isRequired: true, kind: Self.line),
      Question(id: "b", text: "B?", kind: Self.line), Question(id: "c", text: "C?", kind: Self.one),
    ]
    let answers = [
      QuestionAnswer(question: "c", values: ["pink"]), QuestionAnswer(question: "d", values: ["x"]),
    ]
    let faults = Questionnaire(questions).faults(of: answers)
    #expect(faults.map(\.field) == ["answers.d", "answers.a", "answers.c"])
    #expect(faults.map(\.code) == [.unknownQuestion, .answerRequired, .answerNotAllowed])
    #expect(Questionnaire([]).faults(of: []).isEmpty)
  }

  @Test(
    "A pattern that could run away on an answer made for it is none",
    arguments: [
      ("[a-z]+", true), (#"[^@]+@[^@]+\.[a-z]{2,}"#, true), ("a*a*a*a*b", false),
      ("(DE|FR|IT)-[0-9]{4}", true), (String(repeating: "(a|a)", count: 30), false),
      (String(repeating: "a?", count: 30), false), ("[*+?|]{40}", true), ("(ab)+c", true), ("(a|b)", true),
      (#"\d{4}(-\d{2})?"#, false), ("(a+)+", false),
      ("(a*)*b", false), ("((a)+b)*", false), ("(a|aa)+", false), ("(a{2}){3}", false), ("(", false),
      ("[", false), ("", false), (#"(\+)+"#, true), ("([+*])+", true),
      (String(repeating: "a", count: 201), false),
      // What would hide a repeated repetition from whoever counts.
      ("(?#[)(a+)+b", false), (#"\Q[\E(a+)+b"#, false), ("(?x)a #[\n(a+)+b", false),
      ("(?x: #[\n)(a+)+b", false),
      (#"[\Q]\E(a+)+b]"#, false), ("(?i)a", false), ("(?=a)a", false), ("(?<year>a)", false),
      ("(*pla:a)a", false),
      (#"\\Q"#, true), ("(?:DE|FR)-[0-9]+", true), ("(?:ab)+c", true), ("(?:a+)+b", false),
    ])
  func patterns(text: String, isPattern: Bool) {
    #expect((AnswerPattern(text) != nil) == isPattern)
  }

  @Test("The worst that is allowed is judged in time", .timeLimit(.minutes(1)))
  func worstPattern() throws {
    let pattern = try #require(AnswerPattern("a*a*a*b"))
    #expect(!pattern.matches(String(repeating: "a", count: AnswerPattern.longestAnswer)))
    #expect(!pattern.matches(String(repeating: "a", count: AnswerPattern.longestAnswer) + "b"), "too long")
  }
}
