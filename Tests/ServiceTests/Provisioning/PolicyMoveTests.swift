import EntitlementModel
import Foundation
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Access that goes on under another policy")
struct PolicyMoveTests {
  private let other = UUID()

  @Test("Access is not interrupted, and ends when the new policy says; the old end says nothing any more")
  func moves() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      let add = service.request(for: service.person())
      try await service.fulfil([add])
      let before = try #require(try await service.assignment(add.id))
      let held = try await service.sql("TABLE entitlement; TABLE directory.membership; TABLE guest")
      let end = service.now + .days(30)
      let move = service.request(
        .userUpdate, for: add.target, assignment: add.id, update: .policy, policy: other,
        term: Term(latestEnd: end))
      #expect(try await service.fulfil([move]).map(\.type) == [.assignmentExtended])
      #expect(
        try await service.fulfil([move, move]).map(\.type) == [.assignmentDelivered], "it is told once more")
      let after = try #require(try await service.assignment(add.id))
      #expect(after.assignmentPolicy == other && after.endsAt?.isSameInstant(as: end) == true)
      #expect(after.deliveredAt == before.deliveredAt && after.version == before.version + 1)
      #expect(try await service.sql("TABLE entitlement; TABLE directory.membership; TABLE guest") == held)
      try await service.expire([add.id], at: try #require(before.endsAt))
      #expect(try await service.assignment(add.id)?.state == .delivered)
      try await service.expire([add.id], at: end)
      #expect(try await service.assignment(add.id)?.state == .expired)
    }
  }

  @Test("What the new policy's request answers for accounts is written there; what is asked no longer goes")
  func answers() async throws {
    try await ProvisioningFixture.run { service in
      try await service.configure(
        service.package, roles: ["reader"], attributes: ["costCenter", "employer"], number: 2)
      func answers(_ content: [String: String]) -> [QuestionAnswer] {
        content.sorted { $0.key < $1.key }.map { QuestionAnswer(question: "directory.\($0)", values: [$1]) }
      }
      let add = service.request(
        for: service.person(), answers: answers(["costCenter": "4711", "employer": "Fabrikam"]))
      try await service.fulfil([add])
      try await service.work()
      service.advance(by: .days(1))
      let move = service.request(
        .userUpdate, for: add.target, assignment: add.id, update: .policy, policy: other,
        answers: answers(["costCenter": "0815"]), term: Term())
      for _ in 1...2 { try await service.fulfil([move]) }
      try await service.work()
      let written = "SELECT string_agg(name || '=' || value, ' ' ORDER BY name) FROM directory.attribute"
      #expect(try await service.sql(written) == "costCenter=0815")
      #expect(try await service.assignment(add.id)?.state == .delivered)
    }
  }

  @Test(
    "A move and the end of access that meet: whatever the order, what is over stays over",
    arguments: [[0, 1], [1, 0], [1, 0, 1, 0]])
  func meetsRemoval(_ order: [Int]) async throws {
    try await ProvisioningFixture.run { service in
      let add = service.request(for: service.person())
      try await service.fulfil([add])
      let events = [
        service.request(
          .userUpdate, for: add.target, assignment: add.id, update: .policy, policy: other, term: Term()),
        service.request(.adminRemove, for: add.target, assignment: add.id),
      ]
      for index in order { try await service.fulfil([events[index]]) }
      let assignment = try #require(try await service.assignment(add.id))
      #expect(assignment.state == .expired && assignment.endReason == .removedByAdministrator)
      #expect(try await service.memberships() == 0)
    }
  }

  @Test("A move that comes after the clock has ended access changes nothing")
  func meetsExpiry() async throws {
    try await ProvisioningFixture.run { service in
      let add = service.request(for: service.person())
      try await service.fulfil([add])
      let end = try #require(try await service.assignment(add.id)?.endsAt)
      try await service.expire([add.id], at: end)
      let move = service.request(
        .userUpdate, for: add.target, assignment: add.id, update: .policy, policy: other, term: Term())
      #expect(try await service.fulfil([move]).map(\.type) == [.assignmentExpired], "its request hears of it")
      #expect(try await service.assignment(add.id)?.assignmentPolicy == ProvisioningFixture.policy)
    }
  }
}
