import EntitlementModel
import Foundation
import Testing

@Suite("Values")
struct ValueTests {
  @Test(
    "Decision 12: ISO 8601 durations, days of 24 hours",
    arguments: [
      ("P180D", Period.days(180)), ("P1Y6M", Period(months: 18)), ("PT36H", Period(seconds: 129_600)),
      ("P1DT12H30M5S", Period(seconds: 131_405)), ("P2W", .days(14)), ("PT0S", Period()),
    ])
  func readsPeriods(text: String, period: Period) {
    #expect(Period(iso: text) == period)
    #expect(Period(iso: period.iso) == period)
  }

  @Test(
    "And nothing else",
    arguments: ["", "P", "PT", "180D", "P1DT", "-P1D", "P-1D", "P1.5D", "P1H", "P1D1Y", "P1D1D", "P1", "p1d"])
  func refusesPeriods(text: String) {
    #expect(Period(iso: text) == nil)
  }

  @Test(
    "One period is shorter than another where it ends first in every month",
    arguments: [
      ("P1M", "P29D", false), ("P1M", "P31D", false), ("P1M", "P32D", true), ("P1M", "P2M", true),
      ("P1M", "P1M", false), ("P1M", "P1M1D", true), ("P27D", "P1M", true), ("P28D", "P1M", false),
      ("P4D", "P14D", true), ("P14D", "P14D", false), ("P1MT1H", "P1MT1S", false),
    ])
  func shorter(one: String, other: String, isShorter: Bool) throws {
    let (one, other) = (try #require(Period(iso: one)), try #require(Period(iso: other)))
    #expect(one.isAlwaysShorter(than: other) == isShorter)
  }

  @Test("Decision 12: months follow the calendar, clamped to the last day")
  func monthsAreClamped() {
    let january31 = Date(timeIntervalSince1970: 1_706_659_200)
    #expect(january31 + Period(months: 1) == Date(timeIntervalSince1970: 1_709_164_800))
  }

  @Test(
    "Decision 3: domains are compared as lower-case A-labels",
    arguments: [
      ("Fabrikam.Example", "fabrikam.example"), ("fabrikam.example.", "fabrikam.example"),
      ("MÜNCHEN.example", "xn--mnchen-3ya.example"), ("bücher.example", "xn--bcher-kva.example"),
      ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
    ])
  func readsDomains(text: String, expected: String) {
    #expect(DomainName(text)?.text == expected)
  }

  @Test(
    "What is no domain", arguments: ["", "localhost", "a..b", "-a.example", "a-.example", "a b.example", "."])
  func refusesDomains(text: String) {
    #expect(DomainName(text) == nil)
  }

  @Test("A domain is within itself and those above, not within one that merely ends alike")
  func subdomains() {
    #expect(domain("a.fabrikam.example").isWithin(domain("fabrikam.example")))
    #expect(!domain("notfabrikam.example").isWithin(domain("fabrikam.example")))
    let names = domain("a.b.fabrikam.example").selfAndParents.map(\.text)
    #expect(names == ["a.b.fabrikam.example", "b.fabrikam.example", "fabrikam.example"])
  }

  @Test("An older epoch never outranks a newer one")
  func versions() {
    #expect(Version(epoch: 1, number: 9) < Version(epoch: 2, number: 1))
    #expect(Version(epoch: 2, number: 1) < Version(epoch: 2, number: 2))
  }

  @Test("Ids of version 7 tell when they were made; named ones are the same for ever")
  func identifiers() {
    let made = UUID(at: noon, entropy: (.max, .max))
    #expect(made.moment == noon)
    #expect(made.uuid.6 >> 4 == 7)
    #expect(UUID(at: noon, entropy: (0, 0)).uuidString < UUID(at: day(1), entropy: (0, 0)).uuidString)
    #expect(UUID(namedBy: ["a", "b"]) == UUID(namedBy: ["a", "b"]))
    #expect(UUID(namedBy: ["a", "b"]) != UUID(namedBy: ["ab"]))
    #expect(UUID(namedBy: ["a"]).uuid.6 >> 4 == 8)
  }

  @Test("A term ends by its duration or its latest end, whichever comes first")
  func terms() {
    #expect(Term().end(from: noon) == nil)
    #expect(Term(duration: .days(10)).capped(at: day(5)).end(from: noon) == day(5))
    #expect(Term(duration: .days(10)).capped(at: day(15)).end(from: noon) == day(10))
  }
}
