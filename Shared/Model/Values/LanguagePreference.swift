/// What somebody reads, best first: written like `Accept-Language`, looked up as RFC 4647 says (3.4 Lookup).
package struct LanguagePreference: Sendable, Hashable {
  /// In lower case, the most wanted first; `*` says nothing and is left out.
  private let ranges: [String]
  /// Those of weight 0.
  private let refused: Set<String>

  /// Whatever there is.
  package static let none = LanguagePreference(ranges: [], refused: [])

  private static let mostRanges = 20

  private init(ranges: [String], refused: Set<String>) {
    (self.ranges, self.refused) = (ranges, refused)
  }

  /// Nil for what is no such list: `de-AT, de;q=0.8, en;q=0.5`. Of equal weights the first counts more.
  package init?(_ list: String) {
    var weighted: [(range: String, weight: Double)] = []
    for part in list.split(separator: ",") {
      let pieces = part.split(separator: ";", maxSplits: 1).map(Self.trimmed)
      guard let range = pieces.first?.lowercased(), Self.isRange(range) else { return nil }
      guard let weight = pieces.count == 1 ? 1 : Self.weight(pieces[1]) else { return nil }
      weighted.append((range, weight))
    }
    guard weighted.count <= Self.mostRanges else { return nil }
    let wanted = weighted.filter { $0.weight > 0 && $0.range != "*" }.enumerated()
      .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
    ranges = wanted.map(\.element.range)
    refused = Set(weighted.filter { $0.weight == 0 }.map(\.range))
  }

  /// The best of the tags; nil when none is wanted: then the default counts.
  package func choose(from tags: some Sequence<String>) -> String? {
    let offered = Dictionary(tags.map { ($0.lowercased(), $0) }) { first, _ in first }
    for range in ranges {
      var rest = range.split(separator: "-")
      while !rest.isEmpty {
        let tag = rest.joined(separator: "-")
        if let found = offered[tag], !refused.contains(tag) { return found }
        rest.removeLast()
        // A singleton stands before what has just been taken away, and for nothing by itself.
        if rest.last?.count == 1 { rest.removeLast() }
      }
    }
    return nil
  }

  /// The text in the best of its languages, with that language's tag; the default's tag is empty.
  package func choose(
    _ text: String, or localizations: [String: String]
  ) -> (text: String, language: String) {
    guard let tag = choose(from: localizations.keys), let found = localizations[tag] else {
      return (text, "")
    }
    return (found, tag)
  }

  private static func isRange(_ text: String) -> Bool {
    text == "*"
      || (1...35).contains(text.utf8.count)
        && text.split(separator: "-", omittingEmptySubsequences: false).allSatisfy { subtag in
          (1...8).contains(subtag.utf8.count) && subtag.utf8.allSatisfy(isAlphanumeric)
        }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// `q=0.8`: three decimals at most.
  private static func weight(_ text: String) -> Double? {
    let parts = text.split(separator: "=").map(trimmed)
    guard parts.count == 2, parts[0].lowercased() == "q", parts[1].utf8.count <= 5,
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      let weight = Double(parts[1]), (0...1).contains(weight)
    else { return nil }
    return weight
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
