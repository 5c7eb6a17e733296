import EntitlementModel
import Protocols

/// How many attributes of accounts one package may ask for.
package enum AttributeLimits {
  package static let mostOfPackage = 40
}

enum QuestionRules {
  static let mostQuestions = 20
  /// Those of attributes, too.
  static let mostAnswers = 60
  static let longestID = 63 + 1 + AttributeRules.longestName
  static let mostChoices = 100
  static let pattern =
    "a regular expression of at most 200 characters and three repetitions, none of them in a repeated group; "
    + #"no other groups than ( and (?:, and no \Q"#
}

extension Vestibule_Model_V1_Question {
  func check(_ findings: inout Findings) {
    findings.slug(id, "id")
    checkContent(&findings)
  }

  /// All but what it is called.
  func checkContent(_ findings: inout Findings) {
    findings.text(text, "text", limit: Limits.description, isRequired: true)
    findings.localizations(localizations, limit: Limits.description)
    switch kind {
    case .textInput: findings.note { () throws(ContractError) in try Question(self) }
    case .multipleChoice(let question):
      findings.within("multiple_choice") { question.check(&$0) }
    case nil: findings.add(.required, "kind", "text_input, multiple_choice")
    }
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
      findings.localizations(choice.localizations, limit: Limits.description)
    }
    findings.unique(choices.map(\.actualValue), "choices")
  }
}
