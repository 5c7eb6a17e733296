package import Foundation

extension Date {
  /// Microseconds since 1970: the precision in which instants are stored, and so the one they are compared in.
  package var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

  package init(microseconds: Int64) {
    // Rounded once: the same microsecond is the same `Date`, whichever way it came.
    let sinceReference = microseconds &- Int64(Date.timeIntervalBetween1970AndReferenceDate) * 1_000_000
    self.init(timeIntervalSinceReferenceDate: Double(sinceReference) / 1_000_000)
  }

  package func isSameInstant(as other: Date?) -> Bool {
    microseconds == other?.microseconds
  }
}
