package import Foundation

/// A date without a time, as people write it: `2027-01-31`. As an end it means the end of that day where the tenant is
/// (decision 12).
package struct LocalDay: Sendable, Hashable {
  package let text: String
  private let components: DateComponents

  /// Nil for anything but a day of the calendar.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard text.utf8.count == 10, parts.map(\.utf8.count) == [4, 2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year > 0
    else { return nil }
    let components = DateComponents(year: year, month: month, day: day)
    guard components.isValidDate(in: Self.calendar(.gmt)) else { return nil }
    (self.text, self.components) = (text, components)
  }

  /// The instant at which the day is over there.
  package func end(in zone: TimeZone) -> Date {
    let calendar = Self.calendar(zone)
    var next = components
    next.day = (components.day ?? 1) + 1
    return calendar.date(from: next) ?? .distantFuture
  }

  private static func calendar(_ zone: TimeZone) -> Calendar {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return calendar
  }
}
