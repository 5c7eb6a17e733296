package import Foundation

/// Terms of use that policies may demand of whoever asks.
package struct TermsOfUse: Sendable, Hashable, Identifiable {
  package let id: UUID
  package var displayName: String
  /// Rises when a text changes: then people are asked again.
  package var version: Int
  package var text: String
  /// The text in other languages, by tag.
  package var localizations: [String: String]

  package init(
    id: UUID, displayName: String, version: Int, text: String, localizations: [String: String] = [:]
  ) {
    (self.id, self.displayName, self.version) = (id, displayName, version)
    (self.text, self.localizations) = (text, localizations)
  }

  /// Whether they may take the place of these. What was accepted under a version is never another text; a further
  /// translation changes nothing of it.
  package func mayReplace(_ before: TermsOfUse) -> Bool {
    if version != before.version { return version > before.version }
    return text == before.text
      && before.localizations.allSatisfy { language, text in localizations[language] == text }
  }
}
