import EntitlementModel
import Protocols

enum QuestionRules {
  static let mostQuestions = 20
  static let mostChoices = 100
  static let pattern =
    "a regular expression of at most 200 characters and three repetitions, none of them in a repeated group"
}

extension Vestibule_Model_V1_Question {
  func check(_ findings: inout Findings) {
    findings.slug(id, "id")
    findings.text(text, "text", limit: Limits.description, isRequired: true)
    Self.check(localizations, &findings)
    switch kind {
    case .textInput: findings.note { () throws(ContractError) in try Question(self) }
    case .multipleChoice(let question):
      findings.within("multiple_choice") { question.check(&$0) }
    case nil: findings.add(.required, "kind", "text_input, multiple_choice")
    }
  }

  fileprivate static func check(_ texts: [Vestibule_Model_V1_LocalizedText], _ findings: inout Findings) {
    findings.each(texts, at: "localizations") { localized, findings in
      let isTag = (2...35).contains(localized.languageCode.utf8.count)
      if !isTag || !localized.languageCode.utf8.allSatisfy(isTagByte) {
        findings.add(.malformed, "language_code", "a language tag, such as de or pt-BR")
      }
      findings.text(localized.text, "text", limit: Limits.description, isRequired: true)
    }
    findings.unique(texts.map { $0.languageCode.lowercased() }, "localizations")
  }

  private static func isTagByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "-")
  }
}

extension Vestibule_Model_V1_Question.MultipleChoice {
  fileprivate func check(_ findings: inout Findings) {
    if !(1...QuestionRules.mostChoices).contains(choices.count) {
      findings.add(
        choices.isEmpty ? .required : .tooManyItems, "choices", "1 to \(QuestionRules.mostChoices) choices")
    }
    findings.each(choices, at: "choices") { choice, findings in
      findings.text(choice.actualValue, "actual_value", limit: Limits.displayName, isRequired: true)
      findings.text(choice.text, "text", limit: Limits.description, isRequired: true)
      Vestibule_Model_V1_Question.check(choice.localizations, &findings)
    }
    findings.unique(choices.map(\.actualValue), "choices")
  }
}
