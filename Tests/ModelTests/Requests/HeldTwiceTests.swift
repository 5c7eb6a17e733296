import EntitlementModel
import Foundation
import Testing

@Suite("One person holds a package twice, by subjects that are merged")
struct HeldTwiceTests {
  static let (own, merged) = (uuid(1), uuid(2))

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let own: HeldTwice.Holding
    let merged: HeldTwice.Holding
    let kept: UUID
  }

  static func holding(_ id: UUID, isGranted: Bool = true, endsAt: Date?) -> HeldTwice.Holding {
    HeldTwice.Holding(
      id: id, accessPackage: package, isGranted: isGranted, endsAt: endsAt, isSurvivors: id == own)
  }

  static let rows = [
    Row(
      testDescription: "What ends last stays: the merged one's", own: holding(own, endsAt: day(30)),
      merged: holding(merged, endsAt: day(60)), kept: merged),
    Row(
      testDescription: "What ends last stays: the survivor's", own: holding(own, endsAt: day(60)),
      merged: holding(merged, endsAt: day(30)), kept: own),
    Row(
      testDescription: "What never ends stays", own: holding(own, endsAt: day(60)),
      merged: holding(merged, endsAt: nil), kept: merged),
    Row(
      testDescription: "Of two that end together the survivor's stays", own: holding(own, endsAt: day(30)),
      merged: holding(merged, endsAt: day(30)), kept: own),
    Row(
      testDescription: "Access stays before what only waits",
      own: holding(own, isGranted: false, endsAt: nil), merged: holding(merged, endsAt: day(1)), kept: merged),
  ]

  @Test("Nobody loses a package by it", arguments: rows)
  func keeps(row: Row) {
    for holdings in [[row.own, row.merged], [row.merged, row.own]] {
      let found = HeldTwice.find(in: holdings)
      #expect(found.map(\.kept) == [row.kept])
      #expect(found.map(\.ended) == [[row.kept == Self.own ? Self.merged : Self.own]])
    }
  }

  @Test("What is held once is not told of")
  func once() {
    let other = HeldTwice.Holding(
      id: uuid(3), accessPackage: uuid(90), isGranted: true, endsAt: nil, isSurvivors: true)
    #expect(HeldTwice.find(in: [Self.holding(Self.own, endsAt: nil), other]).isEmpty)
  }
}
