import EntitlementModel
import Foundation
import Testing

@Suite("Point 1: resources are refreshed from their connector")
struct ResourceObservationTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let finding: ResourceObservation.Finding
    var held: Set<String> = []
    let roles: [String]?
    var vanished: [String] = []
  }

  static let rows = [
    Row(testDescription: "The same", finding: .roles(["owner", "member"]), roles: ["member", "owner"]),
    Row(
      testDescription: "A new one comes last", finding: .roles(["admin", "member", "owner"]),
      roles: ["member", "owner", "admin"]),
    Row(testDescription: "One that is gone goes", finding: .roles(["member"]), roles: ["member"]),
    Row(
      testDescription: "One that is gone and held stays, and is told", finding: .roles(["member"]),
      held: ["owner"],
      roles: ["member", "owner"], vanished: ["owner"]),
    Row(
      testDescription: "All are gone, one is held", finding: .roles(["reader"]), held: ["owner"],
      roles: ["owner", "reader"], vanished: ["owner"]),
    Row(
      testDescription: "A resource without a list takes all", finding: .anyRole, held: ["owner"],
      roles: ["member", "owner"]),
    Row(
      testDescription: "What could not be read changes nothing", finding: .failure("resourceMissing"),
      roles: nil),
  ]

  @Test("What is offered from now on", arguments: rows)
  func roles(row: Row) {
    let found = ResourceObservation(row.finding, at: noon).roles(
      configured: ["member", "owner"], held: row.held)
    #expect(found?.offered == row.roles)
    #expect(found?.vanished ?? [] == row.vanished)
  }
}
