/// Whether other answers may take the place of those that an assignment was given for: judged by the questions as they
/// are now. A question that is new may be answered by anybody; what was answered before changes where it is editable.
package struct AnswerEdit: Sendable {
  private let questions: [Question]
  private let present: [String: Set<String>]

  package init(_ questions: [Question], present: [QuestionAnswer]) {
    self.questions = questions
    self.present = Self.content(of: present)
  }

  /// Every check that fails.
  ///
  /// - Parameter isAdministrator: administrators change what others may not.
  package func faults(of answers: [QuestionAnswer], isAdministrator: Bool) -> [Reason] {
    let faults = Questionnaire(questions).faults(of: answers)
    let next = Self.content(of: answers)
    if faults.isEmpty, next == present {
      return [Reason(.answersUnchanged, "These are the present answers.", field: "answers")]
    }
    if isAdministrator { return faults }
    let fixed = questions.filter { question in
      guard !question.isAnswerEditable, let before = present[question.id] else { return false }
      return next[question.id] != before
    }
    return faults
      + fixed.map {
        Reason(
          .answerNotEditable, "This answer stays as it was given.", field: "answers.\($0.id)",
          hint: "editable: \(editable)")
      }
  }

  private var editable: String {
    questions.filter(\.isAnswerEditable).map(\.id).joined(separator: " ")
  }

  /// What is really answered; the order of choices says nothing.
  private static func content(of answers: [QuestionAnswer]) -> [String: Set<String>] {
    answers.reduce(into: [:]) { content, answer in
      let values = Set(answer.values.filter { !$0.allSatisfy(\.isWhitespace) })
      if !values.isEmpty { content[answer.question] = values }
    }
  }
}
