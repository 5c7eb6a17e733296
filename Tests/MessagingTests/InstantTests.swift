import EntitlementModel
import Foundation
import Postgres
import Testing

@Suite("Instants")
struct InstantTests {
  @Test("A microsecond that was stored and read is the same instant, to the last digit")
  func roundTrip() throws {
    for _ in 0..<10_000 {
      let instant = Date(microseconds: .random(in: 1_700_000_000_000_000..<1_900_000_000_000_000))
      var bytes: [UInt8] = []
      instant.encode(into: &bytes)
      let read = try bytes.withUnsafeBytes { try Date.decode($0, type: Date.type.oid) }
      #expect(read == instant)
    }
  }
}
