package import Foundation

extension Date {
  /// Microseconds since 1970: the precision in which instants are stored, and so the one they are compared in.
  package var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

  package init(microseconds: Int64) {
    self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
  }

  package func isSameInstant(as other: Date?) -> Bool {
    microseconds == other?.microseconds
  }
}
