import Foundation

/// A domain name as it is compared: lower-case A-labels (RFC 5890), without a final dot.
package struct DomainName: Sendable, Hashable {
  package let text: String

  package init?(_ name: String) {
    let trimmed = name.hasSuffix(".") ? String(name.dropLast()) : name
    guard !trimmed.isEmpty, trimmed.count <= 253, let ascii = Self.aLabels(trimmed) else { return nil }
    let labels = ascii.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy(Self.isLabel) else { return nil }
    text = ascii
  }

  /// The domain of an e-mail address.
  package init?(email: String) {
    guard let at = email.lastIndex(of: "@"), at != email.startIndex else { return nil }
    self.init(String(email[email.index(after: at)...]))
  }

  /// Whether it is that domain, or one below it.
  package func isWithin(_ parent: DomainName) -> Bool {
    self == parent || text.hasSuffix("." + parent.text)
  }

  /// Itself, then every domain above it that still has two labels, longest first.
  package var selfAndParents: [DomainName] {
    var (names, rest) = ([self], Substring(text))
    while let dot = rest.firstIndex(of: ".") {
      rest = rest[rest.index(after: dot)...]
      guard rest.contains("."), let parent = DomainName(String(rest)) else { break }
      names.append(parent)
    }
    return names
  }

  private static func aLabels(_ name: String) -> String? {
    let lowered = name.lowercased()
    if lowered.utf8.allSatisfy({ $0 < 0x80 }) { return lowered }
    let labels = lowered.precomposedStringWithCanonicalMapping
      .split(separator: ".", omittingEmptySubsequences: false).map(aLabel)
    return labels.contains(nil) ? nil : labels.compactMap(\.self).joined(separator: ".")
  }

  private static func aLabel(_ label: Substring) -> String? {
    if label.utf8.allSatisfy({ $0 < 0x80 }) { return String(label) }
    return Punycode.encode(label.unicodeScalars).map { "xn--" + $0 }
  }

  private static func isLabel(_ label: Substring) -> Bool {
    !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
  }
}
