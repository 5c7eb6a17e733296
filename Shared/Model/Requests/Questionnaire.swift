/// Whether answers are what a policy asks for: every check is made, and every one that fails is told (decision 8).
package struct Questionnaire: Sendable {
  private let questions: [Question]

  private static let longestLine = 256
  private static let longestText = 4_000

  package init(_ questions: [Question]) {
    self.questions = questions
  }

  package func faults(of answers: [QuestionAnswer]) -> [Reason] {
    let ids = Set(questions.map(\.id))
    let unknown = answers.filter { !ids.contains($0.question) }.map {
      Reason(
        .unknownQuestion, "The policy asks no such question.", field: Self.field($0.question),
        hint: questions.map(\.id).joined(separator: " "))
    }
    return unknown
      + questions.flatMap { question in
        faults(of: answers.filter { $0.question == question.id }, to: question).map {
          Reason($0.0, $0.1, field: Self.field(question.id), hint: $0.hint)
        }
      }
  }

  private typealias Fault = (Reason.Code, String, hint: String)

  private func faults(of given: [QuestionAnswer], to question: Question) -> [Fault] {
    guard given.count <= 1 else { return [(.answerNotAllowed, "A question is answered once.", hint: "")] }
    let values = (given.first?.values ?? []).filter { !$0.allSatisfy(\.isWhitespace) }
    if values.isEmpty {
      return question.isRequired
        ? [(.answerRequired, "This question must be answered.", hint: question.text)] : []
    }
    switch question.kind {
    case .text(let isSingleLine, let pattern): return textFaults(values, isSingleLine, pattern)
    case .choice(let choices, let isMultiple): return choiceFaults(values, choices, isMultiple)
    }
  }

  private func textFaults(_ values: [String], _ isSingleLine: Bool, _ pattern: AnswerPattern?) -> [Fault] {
    guard let text = values.first, values.count == 1 else {
      return [(.answerNotAllowed, "The answer is one text.", hint: "")]
    }
    var faults: [Fault] = []
    let limit =
      pattern != nil ? AnswerPattern.longestAnswer : isSingleLine ? Self.longestLine : Self.longestText
    if text.count > limit {
      faults.append((.tooLong, "The answer is too long.", hint: "at most \(limit) characters"))
    }
    if isSingleLine, text.contains(where: \.isNewline) {
      faults.append((.answerNotAllowed, "The answer is one line.", hint: ""))
    }
    if let pattern, !pattern.matches(text) {
      faults.append(
        (.answerNotAllowed, "The answer does not have the form that is asked for.", hint: pattern.text))
    }
    return faults
  }

  private func choiceFaults(_ values: [String], _ choices: [Question.Choice], _ isMultiple: Bool) -> [Fault] {
    var faults: [Fault] = []
    let offered = choices.map(\.value)
    if values.contains(where: { !offered.contains($0) }) || Set(values).count < values.count {
      faults.append(
        (
          .answerNotAllowed, "Each answer is one of the choices, and given once.",
          hint: offered.joined(separator: ", ")
        ))
    }
    if !isMultiple, values.count > 1 {
      faults.append((.answerNotAllowed, "One choice is allowed.", hint: ""))
    }
    return faults
  }

  private static func field(_ question: String) -> String { "answers.\(question)" }
}
