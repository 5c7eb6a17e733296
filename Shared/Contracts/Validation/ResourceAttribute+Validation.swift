import EntitlementModel
import Protocols

enum AttributeRules {
  static let mostOfResource = 10
  static let longestName = 40
}

extension Vestibule_Model_V1_Resource {
  func checkAttributes(_ findings: inout Findings) {
    if attributes.isEmpty { return }
    if !ResourceAttribute.originSystems.contains(originSystem) {
      findings.add(
        .outOfRange, "attributes",
        "none: the connector \(originSystem) can not write attributes of accounts; these can: "
          + ResourceAttribute.originSystems.sorted().joined(separator: ", "))
    }
    if attributes.count > AttributeRules.mostOfResource {
      findings.add(.tooManyItems, "attributes", "at most \(AttributeRules.mostOfResource)")
    }
    findings.each(attributes, at: "attributes") { attribute, findings in attribute.check(&findings) }
    findings.unique(attributes.map(\.name), "attributes")
  }
}

extension Vestibule_Model_V1_ResourceAttribute {
  fileprivate func check(_ findings: inout Findings) {
    if !isName {
      findings.add(
        name.isEmpty ? .required : .malformed, "name",
        "[A-Za-z][A-Za-z0-9_-]{0,\(AttributeRules.longestName - 1)}")
    }
    if ResourceAttribute.reservedNames.contains(name) {
      findings.add(.outOfRange, "name", "none that accounts are made with: \(name) follows the person")
    }
    switch source {
    case .question(let question): findings.within("question") { question.checkForAttribute(&$0) }
    case nil: findings.add(.required, "source", "question")
    }
  }

  private var isName: Bool {
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    guard (1...AttributeRules.longestName).contains(name.utf8.count), let first = name.utf8.first else {
      return false
    }
    return isLetter(first)
      && name.utf8.allSatisfy {
        isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
  }
}

extension Vestibule_Model_V1_Question {
  /// An attribute has one value, and names its question.
  fileprivate func checkForAttribute(_ findings: inout Findings) {
    if !id.isEmpty { findings.add(.outOfRange, "id", "none: answers name connector.attribute") }
    if isAnswerEditable {
      findings.add(.outOfRange, "is_answer_editable", "unset: is_editable of the attribute says it")
    }
    checkContent(&findings)
    if case .multipleChoice(let question) = kind, question.isMultipleSelectionAllowed {
      findings.add(
        .outOfRange, "multiple_choice.is_multiple_selection_allowed", "unset: an attribute has one value")
    }
  }
}
