/// What a package's resources ask of a person besides the policy, in the light of what is stored of that person
/// already: what is there and stays is not asked again.
package struct AttributeDemand: Sendable {
  private let attributes: [ResourceAttribute]
  private let stored: [String: [String]]

  /// - Parameter stored: the values that live access of the person has brought, by attribute.
  package init(_ attributes: [ResourceAttribute], stored: [String: [String]] = [:]) {
    self.attributes = attributes
    self.stored = stored.filter { id, values in
      // What would not be taken today is not there.
      attributes.contains {
        $0.id == id
          && Questionnaire([$0.question]).faults(of: [QuestionAnswer(question: id, values: values)]).isEmpty
      }
    }
  }

  /// What is judged: all of it.
  package var questions: [Question] { attributes.map(\.question) }

  /// What is asked: what is not there yet, and what may be answered otherwise.
  package var open: [Question] {
    questions.filter { $0.isAnswerEditable || stored[$0.id] == nil }
  }

  /// What is there of what is asked.
  package var existing: [QuestionAnswer] {
    open.compactMap { question in
      stored[question.id].map { QuestionAnswer(question: question.id, values: $0) }
    }
  }

  /// The answers, and what is stored where nothing is answered.
  package func completed(_ answers: [QuestionAnswer]) -> [QuestionAnswer] {
    let answered = Set(answers.map(\.question))
    return answers
      + questions.compactMap { question in
        guard !answered.contains(question.id), let values = stored[question.id] else { return nil }
        return QuestionAnswer(question: question.id, values: values)
      }
  }

  /// What was answered before, with what is stored and stays in the place of what was answered otherwise.
  package func standing(over answers: [QuestionAnswer]) -> [QuestionAnswer] {
    let staying = Set(staying.map(\.question))
    return answers.filter { !staying.contains($0.question) } + self.staying
  }

  /// The answers, and what is stored and stays where nothing is answered.
  package func keeping(_ answers: [QuestionAnswer]) -> [QuestionAnswer] {
    let answered = Set(answers.map(\.question))
    return answers + staying.filter { !answered.contains($0.question) }
  }

  private var staying: [QuestionAnswer] {
    questions.compactMap { question in
      guard !question.isAnswerEditable, let values = stored[question.id] else { return nil }
      return QuestionAnswer(question: question.id, values: values)
    }
  }

  /// Answers that differ from what is stored and stays.
  package func faults(of answers: [QuestionAnswer]) -> [Reason] {
    staying.filter { kept in
      answers.contains { $0.question == kept.question && $0.values != kept.values }
    }.map {
      Reason(
        .answerNotEditable, "What is stored already stays.", field: "answers.\($0.question)",
        hint: "leave it out")
    }
  }
}
