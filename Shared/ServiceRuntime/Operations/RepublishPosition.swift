import Contracts
import EntitlementModel
import Foundation

/// How far telling again has come: an aggregate's name, and the id after which to go on.
struct RepublishPosition: Equatable {
  private let aggregates: [String]
  let index: Int
  let after: UUID?

  /// - Parameter aggregates: those that are to be told, in order; at least one.
  /// - Throws: `malformed` for what no answer gave.
  init(_ text: String, in aggregates: [String]) throws(Refusal) {
    self.aggregates = aggregates
    guard !text.isEmpty else {
      (index, after) = (0, nil)
      return
    }
    let parts = text.split(separator: " ").map(String.init)
    let after = parts.count == 2 ? UUID(text: parts[1]) : nil
    guard let name = parts.first, let index = aggregates.firstIndex(of: name),
      parts.count == 1 || after != nil
    else {
      throw Refusal(
        .malformed, "This is no position.", field: "position", hint: "the position of the last answer")
    }
    (self.index, self.after) = (index, after)
  }

  private init(aggregates: [String], index: Int, after: UUID?) {
    (self.aggregates, self.index, self.after) = (aggregates, index, after)
  }

  var text: String {
    ([aggregates[index]] + (after.map { [$0.text] } ?? [])).joined(separator: " ")
  }

  /// Nil when everything has been told.
  func following(_ next: UUID?) -> RepublishPosition? {
    if let next { return RepublishPosition(aggregates: aggregates, index: index, after: next) }
    guard index + 1 < aggregates.count else { return nil }
    return RepublishPosition(aggregates: aggregates, index: index + 1, after: nil)
  }
}
