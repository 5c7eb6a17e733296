package import Foundation

/// An ISO 8601 duration. Days are 24 hours; months and years follow the calendar in UTC, clamped to the last day
/// of the month (decision 12).
package struct Period: Sendable, Hashable {
  package let months: Int
  package let seconds: Int

  package init(months: Int = 0, seconds: Int = 0) {
    (self.months, self.seconds) = (months, seconds)
  }

  package static func days(_ days: Int) -> Period { Period(seconds: days * 86_400) }

  /// Reads `P180D`, `P1Y6M`, `PT36H`, `P1DT12H30M5S`, `P2W`; nil for anything else, and for a negative one.
  package init?(iso text: String) {
    guard text.first == "P", text.utf8.count <= 32 else { return nil }
    var (months, seconds, number, inTime, lastRank) = (0, 0, "", false, 0)
    for character in text.dropFirst() {
      switch character {
      case "0"..."9": number.append(character)
      case "T" where !inTime && number.isEmpty: inTime = true
      default:
        guard let count = Int(number), count <= 1_000_000_000,
          let unit = Self.unit(character, inTime: inTime),
          unit.rank > lastRank
        else { return nil }
        months += count * unit.length.months
        seconds += count * unit.length.seconds
        (number, lastRank) = ("", unit.rank)
      }
    }
    guard number.isEmpty, lastRank > 0, text.last != "T" else { return nil }
    self.init(months: months, seconds: seconds)
  }

  /// What a designator stands for, and its place: the larger units come first, each at most once.
  private static func unit(_ designator: Character, inTime: Bool) -> (rank: Int, length: Period)? {
    switch (designator, inTime) {
    case ("Y", false): (1, Period(months: 12))
    case ("M", false): (2, Period(months: 1))
    case ("W", false): (3, .days(7))
    case ("D", false): (4, .days(1))
    case ("H", true): (5, Period(seconds: 3_600))
    case ("M", true): (6, Period(seconds: 60))
    case ("S", true): (7, Period(seconds: 1))
    default: nil
    }
  }

  /// The shortest ISO 8601 text of it.
  package var iso: String {
    if months == 0 && seconds == 0 { return "PT0S" }
    var text = "P"
    if months != 0 { text += "\(months)M" }
    if seconds / 86_400 != 0 { text += "\(seconds / 86_400)D" }
    let rest = seconds % 86_400
    if rest == 0 { return text }
    text += "T"
    if rest / 3_600 != 0 { text += "\(rest / 3_600)H" }
    if rest % 3_600 / 60 != 0 { text += "\(rest % 3_600 / 60)M" }
    if rest % 60 != 0 { text += "\(rest % 60)S" }
    return text
  }

  /// How long it is at least: a month counts as 28 days.
  package var minimumSeconds: Int { months * 28 * 86_400 + seconds }

  /// Whether it ends first, whenever the two begin.
  package func isAlwaysShorter(than other: Period) -> Bool {
    if months <= other.months, seconds <= other.seconds { return self != other }
    return (months * 31 * 86_400) + seconds < other.minimumSeconds
  }
}

extension Date {
  package static func + (start: Date, period: Period) -> Date {
    start.moved(by: period, sign: 1)
  }

  package static func - (end: Date, period: Period) -> Date {
    end.moved(by: period, sign: -1)
  }

  private func moved(by period: Period, sign: Int) -> Date {
    var moved = self
    if period.months != 0 {
      var calendar = Calendar(identifier: .gregorian)
      calendar.timeZone = .gmt
      moved = calendar.date(byAdding: .month, value: sign * period.months, to: moved) ?? moved
    }
    return moved.addingTimeInterval(Double(sign * period.seconds))
  }
}
