package import Foundation

/// How many people of a tenant may lose access or account, or be refused, within an hour before a second administrator
/// has to see it (decision 26). What ends by itself does not count.
package enum MassChange {
  package static let window = Period(seconds: 3_600)

  /// - Parameter people: how many the tenant has.
  package static func limit(people: Int) -> Int {
    max(least, people * 5 / 100)
  }

  /// Fewer never wait, however small the tenant.
  package static let least = 50

  package static func exceeds(_ affected: Int, people: Int) -> Bool {
    affected > limit(people: people)
  }

  /// Whether adopting what somebody has takes it from them sooner than they would be told of (decision 10).
  package static func isLoss(adoptedUntil end: Date?, at now: Date) -> Bool {
    end.map { $0 > now && $0 < now + .days(14) } ?? false
  }
}
