/// A regular expression that a whole answer has to match. What could run away on an answer that was written to make it
/// do so, is no pattern: a repeated group may hold neither a repetition nor a choice, and there are few of both, since
/// each multiplies the ways that are tried.
package struct AnswerPattern: Sendable, Hashable {
  package let text: String

  /// The longest answer that is held against a pattern, in characters.
  package static let longestAnswer = 100
  private static let longestPattern = 200
  /// Three repetitions, or two dozen choices, or what lies between.
  private static let mostWeight = 24
  private static let weightOfRepetition = 8

  package init?(_ text: String) {
    guard (1...Self.longestPattern).contains(text.count), !Self.mayRunAway(text),
      Self.weight(of: text) <= Self.mostWeight,
      (try? Regex(text)) != nil
    else { return nil }
    self.text = text
  }

  package func matches(_ answer: String) -> Bool {
    guard answer.count <= Self.longestAnswer, let pattern = try? Regex(text) else { return false }
    return answer.wholeMatch(of: pattern) != nil
  }

  /// How many ways there are to match, as a power of two: a choice doubles them, a repetition does more.
  private static func weight(of text: String) -> Int {
    var (weight, isEscaped, inSet) = (0, false, false)
    for (index, character) in zip(text.indices, text) {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch character {
      case "\\": isEscaped = true
      case "]": inSet = false
      case _ where inSet: continue
      case "[": inSet = true
      case "?", "|": weight += 1
      case "*", "+": weight += weightOfRepetition
      // So many and no other number is no choice.
      case "{" where text[index...].prefix { $0 != "}" }.contains(","): weight += weightOfRepetition
      default: continue
      }
    }
    return weight
  }

  /// Whether a group that holds `*`, `+`, `?`, `{` or `|` is itself repeated.
  private static func mayRunAway(_ text: String) -> Bool {
    var groups: [Bool] = []
    var (isEscaped, inSet, closedOpenEnded) = (false, false, false)
    for character in text {
      let follows = closedOpenEnded
      closedOpenEnded = false
      if isEscaped {
        isEscaped = false
        continue
      }
      switch character {
      case "\\": isEscaped = true
      case "]": inSet = false
      case _ where inSet: continue
      case "[": inSet = true
      case "(": groups.append(false)
      case ")":
        closedOpenEnded = groups.popLast() ?? false
        if closedOpenEnded, let outer = groups.indices.last { groups[outer] = true }
      case "*", "+", "?", "{":
        if follows { return true }
        if let inner = groups.indices.last { groups[inner] = true }
      case "|": if let inner = groups.indices.last { groups[inner] = true }
      default: continue
      }
    }
    return false
  }
}
