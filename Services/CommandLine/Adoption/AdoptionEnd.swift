import Contracts
import EntitlementModel
import Foundation

/// When adopted access ends: as the line says, else spread over a window, each person always at the same place of it.
struct AdoptionEnd {
  let window: (from: Period, to: Period)?
  /// Where the window is counted from.
  let start: Date
  let timeZone: TimeZone

  /// `P30D,P180D`; nil for anything else.
  static func window(_ text: String) -> (from: Period, to: Period)? {
    let parts = text.split(separator: ",").map { Period(iso: $0.trimmingCharacters(in: .whitespaces)) }
    guard parts.count == 2, let from = parts[0], let to = parts[1], from.minimumSeconds < to.minimumSeconds
    else {
      return nil
    }
    return (from, to)
  }

  /// - Throws: what would be right.
  func callAsFunction(_ line: AdoptionFile.Line) throws(Fault) -> Date? {
    if line.end.isEmpty { return spread(line.email) }
    guard let end = instant(line.end) else {
      throw Fault(
        text: "`\(line.end)` is no end: 2027-01-31 (the end of that day) or 2027-01-31T16:00:00Z is")
    }
    return end
  }

  struct Fault: Error { let text: String }

  private func spread(_ email: String) -> Date? {
    guard let window else { return nil }
    let (first, last) = (start + window.from, start + window.to)
    let place = Double(Self.place(of: email)) / Double(UInt32.max)
    let end = first.addingTimeInterval(last.timeIntervalSince(first) * place)
    return Date(timeIntervalSince1970: end.timeIntervalSince1970.rounded())
  }

  private static func place(of email: String) -> UInt32 {
    let bytes = UUID(namedBy: ["adoption", email.lowercased()]).uuid
    return [bytes.0, bytes.1, bytes.2, bytes.3].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A date without a time means the end of that day in the tenant's zone (decision 12).
  private func instant(_ text: String) -> Date? {
    if let instant = try? Date(text, strategy: .iso8601) { return instant }
    return LocalDay(text)?.end(in: timeZone)
  }
}
