package import FoundationEssentials

extension UUID: SQLValue {
  package static var type: SQLType { .uuid }

  package func encode(into bytes: inout [UInt8]) {
    withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> UUID {
    guard bytes.count == 16 else { throw .malformed }
    return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
  }
}

/// A `timestamptz`, in microseconds: what is finer is rounded. An instant beyond PostgreSQL's range, and an infinite
/// one, is `infinity` or `-infinity`.
extension Date: SQLValue {
  package static var type: SQLType { .timestamptz }

  /// PostgreSQL counts from 2000, `Date` from 2001; 2000 was a leap year.
  private static let secondsBetweenEpochs = 366.0 * 86_400

  package func encode(into bytes: inout [UInt8]) {
    let microseconds = ((timeIntervalSinceReferenceDate + Self.secondsBetweenEpochs) * 1_000_000).rounded()
    if microseconds >= 9_223_371_331_200_000_000 {
      bytes.appendBigEndian(Int64.max)
    } else if microseconds < -211_813_488_000_000_000 {
      bytes.appendBigEndian(Int64.min)
    } else {
      bytes.appendBigEndian(Int64(microseconds))
    }
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Date {
    let microseconds = try bytes.number(Int64.self)
    if microseconds == .max { return Date(timeIntervalSinceReferenceDate: .infinity) }
    if microseconds == .min { return Date(timeIntervalSinceReferenceDate: -.infinity) }
    // Rounded once: the same microsecond is the same `Date`, whichever way it came.
    let sinceReference = microseconds &- Int64(secondsBetweenEpochs) * 1_000_000
    return Date(timeIntervalSinceReferenceDate: Double(sinceReference) / 1_000_000)
  }
}

/// JSON text bound as `jsonb`. Columns of `json` are read as well.
package struct JSONB: SQLValue, Hashable {
  package var text: String

  package init(_ text: String) {
    self.text = text
  }

  package static var type: SQLType { .jsonb }
  package static func accepts(_ oid: UInt32) -> Bool { oid == SQLType.jsonb.oid || oid == SQLType.json.oid }

  /// The version that `jsonb` puts in front of its text.
  private static let version: UInt8 = 1

  package func encode(into bytes: inout [UInt8]) {
    bytes.append(Self.version)
    bytes.append(contentsOf: text.utf8)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> JSONB {
    if type == SQLType.json.oid { return JSONB(String(decoding: bytes, as: UTF8.self)) }
    guard bytes.first == version else { throw .malformed }
    return JSONB(String(decoding: bytes.dropFirst(), as: UTF8.self))
  }
}

/// A PostgreSQL `interval`: months and days stay apart from time because their length varies.
package struct Interval: SQLValue, Hashable {
  package var months: Int32
  package var days: Int32
  package var microseconds: Int64

  package init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  package static var type: SQLType { .interval }

  package func encode(into bytes: inout [UInt8]) {
    bytes.appendBigEndian(microseconds)
    bytes.appendBigEndian(days)
    bytes.appendBigEndian(months)
  }

  package static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32) throws(CellFailure) -> Interval {
    guard bytes.count == 16 else { throw .malformed }
    return Interval(
      months: bytes.bigEndian(Int32.self, at: 12), days: bytes.bigEndian(Int32.self, at: 8),
      microseconds: bytes.bigEndian(Int64.self, at: 0))
  }
}
