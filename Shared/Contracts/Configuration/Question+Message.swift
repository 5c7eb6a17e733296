package import EntitlementModel
package import Protocols

extension Question {
  package init(_ message: Vestibule_Model_V1_Question) throws(ContractError) {
    self.init(
      id: message.id, text: message.text, localizations: message.localizations.byLanguage,
      isRequired: message.isRequired, isAnswerEditable: message.isAnswerEditable, kind: try Kind(message))
  }
}

extension Question.Kind {
  fileprivate init(_ message: Vestibule_Model_V1_Question) throws(ContractError) {
    switch message.kind {
    case .textInput(let input):
      let pattern = input.regexPattern
      if pattern.isEmpty {
        self = .text(isSingleLine: input.isSingleLineQuestion, pattern: nil)
      } else if let known = AnswerPattern(pattern) {
        self = .text(isSingleLine: input.isSingleLineQuestion, pattern: known)
      } else {
        throw ContractError(.malformed, field: "text_input.regex_pattern", expected: QuestionRules.pattern)
      }
    case .multipleChoice(let question):
      self = .choice(
        question.choices.map {
          .init(value: $0.actualValue, text: $0.text, localizations: $0.localizations.byLanguage)
        }, isMultiple: question.isMultipleSelectionAllowed)
    case nil: throw Field.required("kind", "text_input, multiple_choice")
    }
  }
}

extension [Vestibule_Model_V1_LocalizedText] {
  var byLanguage: [String: String] {
    Dictionary(map { ($0.languageCode, $0.text) }) { first, _ in first }
  }
}

extension Vestibule_Model_V1_Question {
  /// As it is shown to somebody: in one language.
  package func shown(in preference: LanguagePreference) -> Self {
    var shown = self
    (shown.text, shown.localizations) = (preference.choose(text, or: localizations.byLanguage).text, [])
    guard case .multipleChoice(var question) = kind else { return shown }
    for (index, choice) in question.choices.enumerated() {
      question.choices[index].text = preference.choose(choice.text, or: choice.localizations.byLanguage).text
      question.choices[index].localizations = []
    }
    shown.kind = .multipleChoice(question)
    return shown
  }
}

extension QuestionAnswer {
  /// What a caller sends: as many as there can be questions and choices, and nothing that a refusal could not repeat.
  package static func each(
    _ messages: [Vestibule_Model_V1_Answer], at field: String
  ) throws(ContractError) -> [QuestionAnswer] {
    guard messages.count <= QuestionRules.mostAnswers else {
      throw ContractError(
        .tooManyItems, field: field, expected: "at most \(QuestionRules.mostAnswers) answers")
    }
    return try Field.each(messages, at: field) { message throws(ContractError) in
      guard message.values.count <= QuestionRules.mostChoices else {
        throw ContractError(
          .tooManyItems, field: "values", expected: "at most \(QuestionRules.mostChoices) values")
      }
      _ = try Field.text(message.question, at: "question", limit: QuestionRules.longestID, isRequired: true)
      return QuestionAnswer(message)
    }
  }

  package init(_ message: Vestibule_Model_V1_Answer) {
    self.init(question: message.question, values: message.values)
  }
}

extension Vestibule_Model_V1_Answer {
  package init(_ answer: QuestionAnswer) {
    self.init()
    (question, values) = (answer.question, answer.values)
  }
}
