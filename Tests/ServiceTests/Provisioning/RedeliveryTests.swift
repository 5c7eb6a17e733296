import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

extension ProvisioningFixture {
  fileprivate func reprocess(_ ids: [UUID]) async throws -> [Result<Assignment, Refusal>] {
    let administrator = Principal(
      tenant: tenant, subject: nil, organization: nil, issuer: "https://login.contoso.example",
      externalSubject: "admin", email: nil, isMember: true, isOperator: false,
      roles: [GrantedRole(role: .tenantAdministrator)], expiresAt: .distantFuture)
    let (tenant, act) = (tenant, ReprocessAssignments(settle: settle))
    let permission = Permission(principal: administrator, tenant: tenant)
    return try await transactor.commit(tenants: [tenant]) { try act(ids, tenant: tenant, permission, $0) }
  }

}

extension AccessRequest {
  /// As its owner tells it after it was reprocessed so often.
  fileprivate func again(redeliveries: Int = 0, assertions: Int = 0) -> AccessRequest {
    AccessRequest(
      id: id, tenant: tenant, version: version + redeliveries + assertions, kind: kind, state: .delivering,
      status: .delivering, target: target, requestor: requestor, accessPackage: accessPackage,
      assignmentPolicy: assignmentPolicy, organization: organization, assignment: assignment,
      justification: justification, startsAt: startsAt, term: term, createdAt: createdAt, completedAt: nil,
      reprocessed: Reprocessed(redeliveries: redeliveries, assertions: assertions))
  }
}

@Suite("Delivering again by hand")
struct RedeliveryTests {
  @Test(
    "A failed delivery is delivered again when its request says so, once, whatever the order of what was said",
    arguments: [[0, 1], [1, 0], [1, 1, 0, 1]])
  func deliversAgain(_ order: [Int]) async throws {
    try await ProvisioningFixture.run { service in
      _ = try await service.sql(
        "CREATE TABLE directory.lost AS TABLE directory.resource; DELETE FROM directory.resource")
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      #expect(try await service.assignment(request.id)?.failure == .resourceMissing)
      _ = try await service.sql("INSERT INTO directory.resource SELECT * FROM directory.lost")
      service.advance(by: .days(31))
      let said = [request, request.again(redeliveries: 1)]
      for index in order { try await service.fulfil([said[index]]) }
      let assignment = try #require(try await service.assignment(request.id))
      #expect(assignment.state == .delivered && assignment.failure == nil)
      #expect(assignment.endsAt?.microseconds == (service.now + .days(180)).microseconds, "a new clock")
      #expect(try await service.memberships() == 1)
      #expect(try await service.guest(request.target.subject)?.liveAssignments == 1)
    }
  }

  @Test("What drifted at the target is there again; what is over stays over")
  func assertsAnew() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      let before = try #require(try await service.assignment(request.id))
      _ = try await service.sql("DELETE FROM directory.membership WHERE role = 'writer'")
      try await service.fulfil([request.again(assertions: 1)])
      #expect(try await service.memberships() == 2)
      let after = try #require(try await service.assignment(request.id))
      #expect(after.state == .delivered && after.endsAt == before.endsAt && after.version == before.version)
      _ = try await service.sql("DELETE FROM directory.membership")
      // Said again it is known; by the assignment it may be said whenever.
      try await service.fulfil([request.again(assertions: 1)])
      #expect(try await service.memberships() == 0)
      #expect(
        try await service.reprocess([request.id, UUID()]).map { (try? $0.get()) != nil } == [true, false])
      #expect(try await service.memberships() == 2)
      try await service.fulfil([service.request(.userRemove, for: request.target, assignment: request.id)])
      try await service.fulfil([request.again(redeliveries: 1, assertions: 2)])
      #expect(try await service.memberships() == 0)
      #expect(try await service.assignment(request.id)?.state == .expired)
      guard case .failure(let refusal) = try await service.reprocess([request.id])[0] else {
        Issue.record("what is over is refused")
        return
      }
      #expect(refusal.reasons.map(\.code) == [.notReprocessable])
    }
  }

  @Test("A failed delivery is not begun by the assignment: nobody here knows what is newer")
  func leavesFailuresToRequests() async throws {
    try await ProvisioningFixture.run { service in
      try await service.deny(domain: "fabrikam.example")
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      guard case .failure(let refusal) = try await service.reprocess([request.id])[0] else {
        Issue.record("a failed delivery is refused")
        return
      }
      #expect(refusal.reasons.first?.hint.contains("Requests/Reprocess \(request.id.text)") == true)
      try await service.fulfil([request.again(assertions: 1)])
      #expect(try await service.assignment(request.id)?.state == .deliveryFailed)
      // Begun anew it is judged anew.
      try await service.fulfil([request.again(redeliveries: 1)])
      #expect(try await service.assignment(request.id)?.failure == .domainDenied)
    }
  }

  @Test("Far away, what was lost is granted by a worker; what is refused now is still taken away in the end")
  func farAway() async throws {
    let fate = Switch()
    try await ProvisioningFixture.run(fault: { fate.fault }) { service in
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      try await service.work()
      _ = try await service.sql("DELETE FROM directory.membership")
      fate.turn(to: .answerLost)
      _ = try await service.reprocess([request.id])
      try await service.work()
      fate.turn(to: nil)
      service.advance(by: Period(seconds: 3_600))
      try await service.work()
      #expect(try await service.memberships() == 1)
      #expect(try await service.sql("SELECT observed, provenance FROM entitlement") == "present|ours")

      // The resource is gone from the list, the membership is not.
      _ = try await service.sql("DELETE FROM directory.membership; DELETE FROM directory.resource")
      _ = try await service.reprocess([request.id])
      try await service.work()
      #expect(
        try await service.sql("SELECT observed, last_error FROM entitlement") == "presumed|resourceMissing")
      #expect(try await service.assignment(request.id)?.state == .delivered)
      #expect(try await service.sql("SELECT count(*) FROM guest_work") == "0")
      _ = try await service.sql(
        """
        INSERT INTO directory.membership (tenant, "user", resource, role) SELECT tenant, id, 'wiki', 'reader' FROM directory."user"
        """)
      try await service.fulfil([service.request(.userRemove, for: request.target, assignment: request.id)])
      try await service.work()
      #expect(try await service.memberships() == 0)
      #expect(try await service.assignment(request.id)?.state == .expired)
    }
  }
}
