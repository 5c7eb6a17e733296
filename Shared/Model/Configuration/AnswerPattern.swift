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
    guard (1...Self.longestPattern).contains(text.count), let signs = Self.signs(of: text),
      !Self.mayRunAway(signs), Self.weight(of: signs) <= Self.mostWeight, (try? Regex(text)) != nil
    else { return nil }
    self.text = text
  }

  package func matches(_ answer: String) -> Bool {
    guard answer.count <= Self.longestAnswer, let pattern = try? Regex(text) else { return false }
    return answer.wholeMatch(of: pattern) != nil
  }

  /// A character as far as it bears on how many ways there are to match.
  private enum Sign { case open, close, choice, option, repetition, count, other }

  /// Nil where something could hide what follows from whoever counts: a quotation, a comment, flags, and every group but
  /// `(` and `(?:`.
  private static func signs(of text: String) -> [Sign]? {
    var (signs, rest, inSet) = ([Sign](), Substring(text), false)
    while let character = rest.popFirst() {
      var sign = Sign.other
      switch character {
      case "\\": if rest.popFirst() == "Q" { return nil }
      case "]": inSet = false
      case _ where inSet: break
      case "[": inSet = true
      case "(":
        sign = .open
        if rest.hasPrefix("?:") { rest.removeFirst(2) }
        if rest.first == "?" || rest.first == "*" { return nil }
      case ")": sign = .close
      case "|": sign = .choice
      case "?": sign = .option
      case "*", "+": sign = .repetition
      // So many and no other number is no choice.
      case "{": sign = rest.prefix { $0 != "}" }.contains(",") ? .repetition : .count
      default: break
      }
      signs.append(sign)
    }
    return signs
  }

  /// How many ways there are to match, as a power of two: a choice doubles them, a repetition does more.
  private static func weight(of signs: [Sign]) -> Int {
    signs.reduce(0) { weight, sign in
      switch sign {
      case .choice, .option: weight + 1
      case .repetition: weight + weightOfRepetition
      case .open, .close, .count, .other: weight
      }
    }
  }

  /// Whether a group that holds `*`, `+`, `?`, `{` or `|` is itself repeated.
  private static func mayRunAway(_ signs: [Sign]) -> Bool {
    var (groups, closedOpenEnded) = ([Bool](), false)
    for sign in signs {
      let follows = closedOpenEnded
      closedOpenEnded = false
      switch sign {
      case .open: groups.append(false)
      case .close:
        closedOpenEnded = groups.popLast() ?? false
        if closedOpenEnded, let outer = groups.indices.last { groups[outer] = true }
      case .repetition, .option, .count:
        if follows { return true }
        if let inner = groups.indices.last { groups[inner] = true }
      case .choice: if let inner = groups.indices.last { groups[inner] = true }
      case .other: continue
      }
    }
    return false
  }
}
