import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import ServiceRuntime
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

  struct Sight: Sendable, CustomTestStringConvertible {
    let stage: Vestibule_Model_V1_ApproverInformationVisibility
    let tenant: Vestibule_Model_V1_ApproverInformationVisibility
    let isTold: Bool
    var testDescription: String { "stage \(stage), tenant \(tenant): \(isTold ? "told" : "not told")" }
  }

  @Test(
    "Who took it back the person is told as the stage says, else the tenant; administrators always are",
    arguments: [
      Sight(stage: .default, tenant: .default, isTold: true),
      Sight(stage: .default, tenant: .notVisible, isTold: false),
      Sight(stage: .visible, tenant: .notVisible, isTold: true),
      Sight(stage: .notVisible, tenant: .visible, isTold: false),
    ])
  func hidesApprover(sight: Sight) async throws {
    try await IntakeFixture.run { intake in
      try await intake.requireApproval { $0.approverInformationVisibility = sight.stage }
      try await intake.put("contoso") {
        ($0.tenantSettings.displayName, $0.tenantSettings.approverInformationVisibility) = (
          "Contoso", sight.tenant
        )
      }
      let ann = try await intake.person("ann")
      let request = try await intake.submit(by: ann)
      try await intake.decide(request, .approved)
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      try await intake.decide(request, .approved, isRevoked: true)
      let reading = ReadRequests(store: intake.store)
      func removal(
        _ scope: ReadRequests.Scope, by principal: Principal
      ) async throws -> Vestibule_Model_V1_Request? {
        try await intake.read { connection in
          try reading.list(
            scope, package: nil, tenant: intake.tenant, page: PageRequest(limit: 10), principal: principal,
            on: connection
          ).requests.first { $0.requestType == .approverRemove }
        }
      }
      let listed = try #require(try await removal(.own, by: ann))
      #expect(listed.requestor.isEmpty == !sight.isTold)
      let id = try #require(UUID(text: listed.id))
      let read = try await intake.read { connection in
        try reading.get(id, tenant: intake.tenant, principal: ann, on: connection)
      }
      #expect(read.requestor == listed.requestor)
      for _ in 0..<2 {
        let asked = try await intake.remove(request, by: ann, key: "again").get()
        #expect(asked.id == listed.id && asked.requestor == listed.requestor)
      }
      let administrators = try await removal(.all, by: intake.administrator())
      #expect(administrators?.requestor.isEmpty == false)
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
