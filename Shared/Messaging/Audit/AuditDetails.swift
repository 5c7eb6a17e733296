package import Foundation

/// What an entry says beyond who, what and when: ids and codes, which stay, and words about a person, which can be
/// erased.
package struct AuditDetails: Sendable {
  package var codes: [String: String]
  /// The person whom the words are about, and whose erasure erases them.
  package var subject: UUID?
  package var words: [String: String]

  package init(_ codes: [String: String] = [:], about subject: UUID? = nil, words: [String: String] = [:]) {
    (self.codes, self.subject) = (codes.filter { !$0.value.isEmpty }, subject)
    self.words = words.filter { !$0.value.isEmpty }
  }
}

/// JSON in one form only, since it is hashed: an object of texts, in the order of its names.
enum AuditText {
  static func object(_ values: [String: String]) -> String {
    if values.isEmpty { return "{}" }
    var text = ""
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      text += text.isEmpty ? "{" : ","
      append(name, to: &text)
      text += ":"
      append(value, to: &text)
    }
    return text + "}"
  }

  private static func append(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\0"..<" ": text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
