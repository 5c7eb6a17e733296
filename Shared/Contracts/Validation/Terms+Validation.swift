import EntitlementModel
import Protocols

enum TermsRules {
  static let mostOfPolicy = 10
  static let longestText = 100_000
}

extension Vestibule_Model_V1_Terms {
  func check(_ findings: inout Findings) {
    findings.text(displayName, "display_name", limit: Limits.displayName, isRequired: true)
    if version < 1 { findings.add(.outOfRange, "version", "from 1, and one more whenever a text changes") }
    findings.text(text, "text", limit: TermsRules.longestText, isRequired: true)
    findings.localizations(localizations, limit: TermsRules.longestText)
  }
}

extension Findings {
  /// Texts in other languages, each named once.
  mutating func localizations(_ texts: [Vestibule_Model_V1_LocalizedText], limit: Int) {
    each(texts, at: "localizations") { localized, findings in
      findings.languageTag(localized.languageCode)
      findings.text(localized.text, "text", limit: limit, isRequired: true)
    }
    unique(texts.map { $0.languageCode.lowercased() }, "localizations")
  }

  mutating func languageTag(_ text: String) {
    let isTag = (2...35).contains(text.utf8.count) && text.utf8.allSatisfy(Self.isTagByte)
    if !isTag { add(.malformed, "language_code", "a language tag, such as de or pt-BR") }
  }

  private static func isTagByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "-")
  }
}
