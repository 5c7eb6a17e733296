import Foundation

/// Standard output and standard error.
enum Terminal {
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func note(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  static func fail(_ message: String, status: Int32) -> Never {
    note(message + "\n")
    leave(status)
  }

  static func leave(_ status: Int32) -> Never {
    exit(status)
  }
}
