import EntitlementModel
import Foundation
import Testing

@Suite("What happens to an organization by itself")
struct OrganizationDeadlinesTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let state: ConnectedOrganization.State
    let contractEnds: Int?
    var proposed: Int?
    let day: Int
    let next: OrganizationDeadlines.Step?
    let on: Int?
    var testDescription: String { "\(state), contract \(contractEnds ?? -1), on day \(day)" }
  }

  private static let start = Date(timeIntervalSince1970: 1_800_000_000)
  private static func day(_ number: Int) -> Date { start + .days(number) }

  @Test(
    "A contract is told of 30 days before its end, and ends the organization",
    arguments: [
      Row(state: .configured, contractEnds: nil, day: 0, next: nil, on: nil),
      Row(state: .configured, contractEnds: 100, day: 0, next: .contractNotice, on: 70),
      Row(state: .configured, contractEnds: 100, day: 70, next: .contractEnd, on: 100),
      Row(state: .configured, contractEnds: 100, day: 71, next: .contractEnd, on: 100),
      Row(state: .configured, contractEnds: 20, day: 0, next: .contractEnd, on: 20),
      Row(state: .configured, contractEnds: 20, day: 50, next: .contractEnd, on: 20),
      Row(state: .ended, contractEnds: 100, day: 0, next: nil, on: nil),
      Row(state: .proposed, contractEnds: nil, proposed: 0, day: 0, next: .proposalLapse, on: 30),
      Row(state: .proposed, contractEnds: nil, proposed: 0, day: 40, next: .proposalLapse, on: 30),
      Row(state: .proposed, contractEnds: nil, day: 0, next: nil, on: nil),
      Row(state: .configured, contractEnds: nil, proposed: 0, day: 10, next: nil, on: nil),
      Row(state: .configured, contractEnds: 100, proposed: 0, day: 10, next: .contractNotice, on: 70),
      Row(state: .ended, contractEnds: nil, proposed: 0, day: 10, next: nil, on: nil),
    ])
  func next(_ row: Row) {
    let organization = ConnectedOrganization(
      id: UUID(), displayName: "Fabrikam", state: row.state, identitySources: [],
      contractEnd: row.contractEnds.map(Self.day), proposedAt: row.proposed.map(Self.day))
    let next = OrganizationDeadlines.next(of: organization, after: Self.day(row.day))
    #expect(next?.step == row.next)
    #expect(next?.at == row.on.map(Self.day))
    #expect(next.flatMap { OrganizationDeadlines.step(of: organization, at: $0.at) } == next?.step)
  }
}
