import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("An end by a day")
struct ChosenEndTests {
  @Test("Decision 12: a day as the end is its end where the tenant is")
  func days() async throws {
    try await IntakeFixture.run { intake in
      try await intake.put("contoso") {
        ($0.tenantSettings.displayName, $0.tenantSettings.timeZone) = ("Contoso", "Europe/Berlin")
      }
      let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
      let text = (intake.now + .days(30)).formatted(.iso8601.year().month().day())
      let day = try #require(LocalDay(text))
      let made = try await intake.submit(by: try await intake.person("ann")) { $0.end = .on(day) }
      #expect(made.endDateTime.instant == day.end(in: zone))
      let both = Vestibule_Model_V1_Schedule.with {
        ($0.endDate, $0.endDateTime) = ("2099-01-31", .init(intake.now))
      }
      #expect(throws: ContractError.self) { try ChosenEnd(both, at: "schedule") }
      #expect(throws: ContractError.self) {
        try ChosenEnd(.with { $0.endDate = "31.1.2099" }, at: "schedule")
      }
    }
  }
}
