package import Foundation

/// How long access is given: so long after it begins, and never beyond an instant. Neither: for ever.
package struct Term: Sendable, Hashable {
  package let duration: Period?
  package let latestEnd: Date?

  package init(duration: Period? = nil, latestEnd: Date? = nil) {
    (self.duration, self.latestEnd) = (duration, latestEnd)
  }

  /// When access that begins at `start` ends; nil for never.
  package func end(from start: Date) -> Date? {
    [duration.map { start + $0 }, latestEnd].compactMap(\.self).min()
  }

  /// The same term, but over by `instant` at the latest.
  package func capped(at instant: Date?) -> Term {
    Term(duration: duration, latestEnd: [latestEnd, instant].compactMap(\.self).min())
  }
}
