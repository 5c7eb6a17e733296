import Foundation
import Testing

@testable import Messaging

/// The README's table of events says what the topology does.
@Suite("The README's events") struct EventTableTests {
  private struct Line {
    let names: [String]
    let readers: String
  }

  /// The lines of the table: `.suffix` stands for the same aggregate's event.
  private func lines() throws -> [Line] {
    let readme = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
    let text = try String(contentsOf: readme.standardizedFileURL, encoding: .utf8)
    let table = try #require(text.components(separatedBy: "| event | told by | read by |").dropFirst().first)
    return table.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().prefix {
      $0.hasPrefix("|") || $0.isEmpty
    }
    .prefix { !$0.isEmpty }.dropFirst().map { line in
      let cells = line.split(separator: "|").map(String.init)
      var aggregate = ""
      let names = cells[0].matches(of: /`([a-z.-]+)`/).map { match in
        let name = String(match.1)
        if name.hasPrefix(".") { return aggregate + name }
        aggregate = String(name.prefix { $0 != "." })
        return name
      }
      return Line(names: names, readers: cells[2].trimmingCharacters(in: .whitespaces))
    }
  }

  @Test("Every event is in it, once, and nothing else")
  func complete() throws {
    let names = try lines().flatMap(\.names)
    #expect(names.sorted() == EventType.allCases.map(\.rawValue).sorted())
  }

  @Test("It names the services that read an event")
  func readers() throws {
    for line in try lines() where line.readers != "who needs copies" {
      for name in line.names {
        let readers = try #require(EventType(rawValue: name)).readers.map(\.rawValue).sorted()
        let told =
          line.readers == "whoever binds a queue" ? [] : line.readers.components(separatedBy: ", ").sorted()
        #expect(told == readers, "\(name)")
      }
    }
  }
}
