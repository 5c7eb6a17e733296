import EntitlementModel
import Foundation
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

@Suite struct DeliveryTests {
  @Test("An approved request becomes a guest with an account, its roles, and an assignment whose end is set")
  func delivers() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      let person = service.person()
      let request = service.request(for: person)
      let told = try await service.fulfil([request])
      #expect(told.map(\.type) == [.guestInvited, .assignmentDelivered])
      let assignment = try #require(try await service.assignment(request.id))
      #expect(assignment.state == .delivered)
      #expect(assignment.endsAt?.microseconds == (service.now + .days(180)).microseconds)
      #expect(try await service.guest(person.subject)?.state == .active)
      #expect(try await service.memberships() == 2)
      #expect(try await service.sql("SELECT is_enabled, email FROM directory.user") == "t|\(person.email)")
    }
  }

  @Test("A second delivery of the event changes nothing and tells nothing")
  func isIdempotent() async throws {
    try await ProvisioningFixture.run { service in
      let request = service.request(for: service.person())
      try await service.fulfil([request])
      let before = try await service.sql("TABLE guest; TABLE account; TABLE assignment; TABLE entitlement")
      #expect(try await service.fulfil([request, request]).isEmpty)
      #expect(
        try await service.sql("TABLE guest; TABLE account; TABLE assignment; TABLE entitlement") == before)
    }
  }

  @Test("A package without roles is delivered at once")
  func deliversNothing() async throws {
    try await ProvisioningFixture.run(roles: []) { service in
      let request = service.request(for: service.person())
      let told = try await service.fulfil([request])
      #expect(told.map(\.type) == [.guestInvited, .assignmentDelivered])
      #expect(try await service.assignment(request.id)?.endsAt != nil)
    }
  }

  @Test("A domain that was denied after the request was judged gets nothing")
  func deniesDomains() async throws {
    try await ProvisioningFixture.run { service in
      try await service.deny(domain: "fabrikam.example")
      let person = service.person()
      let request = service.request(for: person)
      #expect(try await service.fulfil([request]).map(\.type) == [.assignmentDeliveryFailed])
      #expect(try await service.assignment(request.id)?.failure == .domainDenied)
      #expect(try await service.guest(person.subject) == nil)
    }
  }

  @Test("A resource that is gone from the directory ends the delivery")
  func missesResources() async throws {
    try await ProvisioningFixture.run { service in
      _ = try await service.sql("DELETE FROM directory.resource")
      let person = service.person()
      let request = service.request(for: person)
      let told = try await service.fulfil([request])
      #expect(told.map(\.type).contains(.assignmentDeliveryFailed))
      #expect(try await service.assignment(request.id)?.failure == .resourceMissing)
      #expect(try await service.guest(person.subject)?.state == .blocked)
      #expect(try await service.sql("SELECT count(*) FROM entitlement") == "0")
    }
  }

  @Test("A role that two packages share goes with the last of them")
  func countsClaims() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      let other = UUID()
      try await service.configure(other, roles: ["writer", "owner"])
      let person = service.person()
      let (first, second) = (service.request(for: person), service.request(for: person, package: other))
      try await service.fulfil([first, second])
      #expect(try await service.memberships() == 3)
      try await service.fulfil([service.request(.userRemove, for: person, assignment: first.id)])
      #expect(try await service.sql("SELECT role FROM directory.membership ORDER BY role") == "owner\nwriter")
      try await service.fulfil([service.request(.userRemove, for: person, assignment: second.id)])
      #expect(try await service.memberships() == 0)
    }
  }

  @Test("An extension moves the end")
  func extends() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let add = service.request(for: person)
      try await service.fulfil([add])
      let end = service.now + .days(300)
      let update = service.request(.userUpdate, for: person, assignment: add.id, term: Term(latestEnd: end))
      #expect(try await service.fulfil([update]).map(\.type) == [.assignmentExtended])
      #expect(try await service.assignment(add.id)?.endsAt?.microseconds == end.microseconds)
    }
  }
}
