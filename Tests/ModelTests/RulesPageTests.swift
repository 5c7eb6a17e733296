import Foundation
import Testing

/// The page of rules names tests that exist.
@Suite("The page of rules") struct RulesPageTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL

  /// The tables' lines: the rule, and the tests that hold it.
  private func rules() throws -> [(rule: String, tests: [String])] {
    let page = try String(contentsOf: Self.root.appending(path: "Shared/Model/RULES.md"), encoding: .utf8)
    return page.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| rule |") }.map {
      line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0], cells.dropFirst().last?.components(separatedBy: ", ") ?? [])
    }
  }

  @Test("Every rule has a test, and it is there")
  func tests() throws {
    let files = FileManager.default.enumerator(atPath: Self.root.appending(path: "Tests").path)
    let suites = Set(
      (files?.compactMap { $0 as? String } ?? []).compactMap { path in
        path.hasSuffix("Tests.swift") ? URL(filePath: path).deletingPathExtension().lastPathComponent : nil
      })
    let rules = try rules()
    #expect(rules.count > 30)
    for (rule, tests) in rules {
      #expect(!tests.isEmpty && suites.isSuperset(of: tests), "\(rule): \(tests)")
    }
  }
}
