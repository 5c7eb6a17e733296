import EntitlementModel
import Foundation
import Testing

@Suite("Decision 12: a date without a time means the end of that day where the tenant is")
struct LocalDayTests {
  @Test(
    "The day is over at midnight there, also where the clocks are changed",
    arguments: [
      ("2027-01-31", "Europe/Berlin", "2027-01-31T23:00:00Z"),
      ("2027-03-27", "Europe/Berlin", "2027-03-27T23:00:00Z"),
      ("2027-03-28", "Europe/Berlin", "2027-03-28T22:00:00Z"),
      ("2027-10-31", "Europe/Berlin", "2027-10-31T23:00:00Z"),
      ("2028-02-29", "UTC", "2028-03-01T00:00:00Z"),
      ("2027-12-31", "Pacific/Auckland", "2027-12-31T11:00:00Z"),
    ])
  func ends(day: String, zone: String, instant: String) throws {
    let zone = try #require(TimeZone(identifier: zone))
    #expect(try #require(LocalDay(day)).end(in: zone) == Date(instant, strategy: .iso8601))
  }

  @Test(
    "Nothing else is a day",
    arguments: [
      "", "2027-02-29", "2027-13-01", "2027-1-1", "27-01-01", "2027-01-31T00:00:00Z", "2027/01/31",
      "+027-01-01",
    ])
  func isNone(text: String) {
    #expect(LocalDay(text) == nil)
  }
}
