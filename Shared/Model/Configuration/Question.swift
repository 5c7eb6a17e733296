/// What a policy asks of whoever asks for access; Graph's `accessPackageQuestion`.
package struct Question: Sendable, Hashable, Identifiable {
  /// Unique in its policy; answers name it.
  package let id: String
  package var text: String
  /// The text in other languages, by tag (`de`, `pt-BR`).
  package var localizations: [String: String]
  package var isRequired: Bool
  /// Whether its holder may answer otherwise later.
  package var isAnswerEditable: Bool
  package var kind: Kind

  package enum Kind: Sendable, Hashable {
    case text(isSingleLine: Bool, pattern: AnswerPattern?)
    case choice([Choice], isMultiple: Bool)
  }

  package struct Choice: Sendable, Hashable {
    /// What an answer holds.
    package var value: String
    package var text: String
    package var localizations: [String: String]

    package init(value: String, text: String, localizations: [String: String] = [:]) {
      (self.value, self.text, self.localizations) = (value, text, localizations)
    }
  }

  package init(
    id: String, text: String, localizations: [String: String] = [:], isRequired: Bool = false,
    isAnswerEditable: Bool = false, kind: Kind
  ) {
    (self.id, self.text, self.localizations) = (id, text, localizations)
    (self.isRequired, self.isAnswerEditable, self.kind) = (isRequired, isAnswerEditable, kind)
  }
}

/// What somebody answered: one text, or the values of the choices.
package struct QuestionAnswer: Sendable, Hashable {
  package let question: String
  package let values: [String]

  package init(question: String, values: [String]) {
    (self.question, self.values) = (question, values)
  }
}
