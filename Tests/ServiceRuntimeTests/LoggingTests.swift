import Foundation
import Logging
import Synchronization
import Testing

@testable import ServiceRuntime

@Suite("A line of the log")
struct LoggingTests {
  private final class Lines: Sendable {
    let written = Mutex<[String]>([])
  }

  private func logged(_ format: LogFormat, _ write: (Logger) -> Void) -> [String] {
    let lines = Lines()
    let logger = Logger(label: "expiry") { label in
      ConsoleLogHandler(label: label, level: .info, format: format) { line in
        lines.written.withLock { $0.append(line) }
      }
    }
    write(logger)
    return lines.written.withLock { $0 }
  }

  @Test("is one line, whatever is in it, and keeps to its level")
  func text() throws {
    let lines = logged(.text) {
      $0.debug("unseen")
      $0.warning("first\nsecond", metadata: [LogKey.code: "23505", LogKey.error: "a\r\nb"])
    }
    #expect(lines.count == 1)
    #expect(lines.first?.hasSuffix(" warning expiry: first second code=23505 error=a b\n") == true)
  }

  @Test("is a JSON object for collectors")
  func json() throws {
    let lines = logged(.json) { $0.error("said \"no\"", metadata: [LogKey.count: "3"]) }
    let line = try #require(lines.first)
    let fields = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    #expect(fields["message"] == "said \"no\"" && fields["level"] == "error" && fields["count"] == "3")
    #expect(fields["logger"] == "expiry" && fields["time"] != nil)
  }
}
