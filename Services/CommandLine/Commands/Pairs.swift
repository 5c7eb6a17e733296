import Foundation
import Protocols
import SwiftProtobuf

/// `NAME=VALUE` on the command line.
enum Pairs {
  static func split(_ text: String) -> (name: String, value: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return (parts[0], parts.count == 2 ? parts[1] : "")
  }

  static func answers(_ pairs: [String]) -> [Vestibule_Model_V1_Answer] {
    var answers: [Vestibule_Model_V1_Answer] = []
    for (question, value) in pairs.map(split) {
      if let known = answers.firstIndex(where: { $0.question == question }) {
        answers[known].values.append(value)
      } else {
        answers.append(.with { ($0.question, $0.values) = (question, [value]) })
      }
    }
    return answers
  }

  static func terms(_ pairs: [String], _ names: ObjectNames) throws -> [Vestibule_Model_V1_AcceptedTerms] {
    try pairs.map { pair in
      let (terms, text) = split(pair)
      guard let version = Int32(text), version > 0 else {
        throw Failure.unfinished("\(pair) says no version: TERMS=VERSION does")
      }
      return .with { ($0.terms, $0.version) = (names.id("terms", terms), version) }
    }
  }
}
