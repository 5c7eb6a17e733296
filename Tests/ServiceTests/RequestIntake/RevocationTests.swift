import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import Testing

@testable import RequestIntake

@Suite("An approval that is taken back")
struct RevocationTests {
  /// The kinds and states of everything about an assignment.
  private func requests(_ intake: IntakeFixture, _ request: Vestibule_Model_V1_Request) async throws
    -> [String]
  {
    let id = try #require(UUID(text: request.id))
    return try await intake.commit { [tenant = intake.tenant] work in
      try RequestTable(connection: work.connection).lock(assignments: [id], tenants: [tenant]).values
    }.map { "\($0.request.kind) \($0.request.state)" }.sorted()
  }

  @Test("Access that was given ends by a removal of the approver's, once, however often it is told")
  func endsAccess() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let request = try await intake.submit(by: try await intake.person("ann"))
      try await intake.decide(request, .approved)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      try await intake.decide(request, .approved, isRevoked: true)
      try await intake.decide(request, .approved, isRevoked: true)
      #expect(try await requests(intake, request) == ["approverRemove delivering", "userAdd delivered"])
      #expect(try await intake.told(.requestApproved) == 2)
      try await intake.fold([intake.assignment(of: request, .expired, version: 3)])
      try await intake.decide(request, .approved, isRevoked: true)
      #expect(try await intake.told(.requestApproved) == 2)
    }
  }

  @Test("One that is told before the approval's end is its end: nothing is given, and nothing afterwards")
  func overtakes() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let request = try await intake.submit(by: try await intake.person("ann"))
      try await intake.decide(request, .approved, isRevoked: true)
      try await intake.decide(request, .approved)
      #expect(try await intake.request(request.id)?.request.state == .canceled)
      #expect(try await intake.told(.requestApproved) == 0)
    }
  }

  @Test("What is still being delivered is taken back too")
  func endsDelivery() async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval()
      let request = try await intake.submit(by: try await intake.person("ann"))
      try await intake.decide(request, .approved)
      try await intake.decide(request, .approved, isRevoked: true)
      #expect(try await requests(intake, request) == ["approverRemove delivering", "userAdd delivering"])
    }
  }
}
