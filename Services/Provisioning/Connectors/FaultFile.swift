import Foundation

/// How a connector is to misbehave.
enum Fault: Sendable, Hashable {
  /// Does nothing and says so.
  case down
  /// Takes so many seconds.
  case slow(Double)
  /// Does it, and the answer is lost.
  case answerLost
  /// Does it, and the process is gone before it can say so.
  case killed
  /// Does nothing and asks to be left alone for so many seconds.
  case throttled(Double)
}

/// A file that names the present fault, read at every call so that it can be changed while the service runs:
/// `down`, `slow 2.5`, `answer-lost`, `killed`, `throttled 5`. Empty, absent or anything else: none.
struct FaultFile: Sendable {
  let path: String

  var fault: Fault? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let words = text.split(whereSeparator: \.isWhitespace)
    let seconds = words.dropFirst().first.flatMap { Double($0) } ?? 1
    switch words.first {
    case "down": return .down
    case "slow": return .slow(seconds)
    case "answer-lost": return .answerLost
    case "killed": return .killed
    case "throttled": return .throttled(seconds)
    case _: return nil
    }
  }
}
