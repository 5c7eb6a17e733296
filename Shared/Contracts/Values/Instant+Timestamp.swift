import EntitlementModel
package import Foundation
package import SwiftProtobuf

extension Google_Protobuf_Timestamp {
  /// The instant in whole microseconds, as it is stored.
  package init(_ instant: Date) {
    let (seconds, rest) = instant.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let borrow: Int64 = rest < 0 ? 1 : 0
    self.init(seconds: seconds - borrow, nanos: Int32((rest + borrow * 1_000_000) * 1_000))
  }

  /// The instant, nanoseconds rounded to microseconds; nil outside of the years 1 to 9999.
  package var instant: Date? {
    guard Self.years1To9999.contains(seconds), (0..<1_000_000_000).contains(nanos) else { return nil }
    return Date(microseconds: seconds * 1_000_000 + Int64(nanos + 500) / 1_000)
  }

  private static let years1To9999: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}
