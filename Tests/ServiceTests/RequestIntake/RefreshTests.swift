import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

@Suite("Resources are refreshed")
struct RefreshTests {
  @Test("Asked by whoever manages the catalog's resources, it is told; an unknown resource is refused")
  func asking() async throws {
    try await IntakeFixture.run { intake in
      let owner = intake.administrator([GrantedRole(role: .catalogOwner, catalog: intake.catalog)])
      let asked = try await intake.refresh([intake.resource], by: owner)
      #expect(asked == 1)
      #expect(try await intake.told(.resourceRefreshAsked) == 1)
      #expect(try await refusalCodes { try await intake.refresh([intake.package], by: owner) } == [.notFound])
      let other = intake.administrator([GrantedRole(role: .catalogOwner, catalog: UUID())])
      #expect(
        try await refusalCodes { try await intake.refresh([intake.resource], by: other) } == [.forbidden])
    }
  }

  @Test("A vanished role that a package holds stays and is told; packages get no other roles by it")
  func vanished() async throws {
    try await IntakeFixture.run { intake in
      try await intake.observe(["reader"], at: 1)
      let resource = try await intake.storedResource()
      #expect(resource.roles == ["member", "reader"])
      #expect(resource.vanishedRoles == ["member"])
      #expect(try await intake.told(.packageChanged) == 1)
      // Saving it again changes nothing of that.
      try await intake.markPrivileged(true, roles: ["member", "reader"])
      #expect(try await intake.storedResource().vanishedRoles == ["member"])
      try await intake.observe(["member"], at: 2)
      #expect(try await intake.storedResource().roles == ["member"])
      #expect(try await intake.storedResource().vanishedRoles == [])
    }
  }

  @Test("Said twice or out of order the newest finding counts; one of another origin says nothing")
  func order() async throws {
    try await IntakeFixture.run { intake in
      try await intake.observe(["member", "new"], at: 2)
      let told = try await intake.told(.catalogChanged)
      try await intake.observe(["member", "new"], at: 2)
      try await intake.observe(["member", "old"], at: 1)
      try await intake.observe(["member", "elsewhere"], at: 3, origin: "other")
      #expect(try await intake.storedResource().roles == ["member", "new"])
      #expect(try await intake.told(.catalogChanged) == told)
      try await intake.observe([], at: 4, failure: "resourceMissing")
      let resource = try await intake.storedResource()
      #expect(resource.roles == ["member", "new"] && resource.refreshFailure == "resourceMissing")
    }
  }
}

extension IntakeFixture {
  func refresh(_ ids: Set<UUID>, by principal: Principal) async throws -> Int {
    try await commit { [store, tenant] work in
      try RefreshResources(store: store)(ids, tenant: tenant, principal: principal, work)
    }
  }

  /// Provisioning tells what it found, so many minutes from now.
  func observe(_ roles: [String], at minute: Int, origin: String = "files", failure: String = "") async throws
  {
    let at = now + Period(seconds: 60 * minute)
    let event = Received(
      id: UUID(), type: .resourceObserved, aggregate: resource, tenant: tenant,
      version: Version(epoch: 1, number: Int(at.microseconds)),
      body: Vestibule_Events_V1_ResourceObservation.with {
        ($0.resource, $0.tenant) = (resource.text, tenant.text)
        ($0.originSystem, $0.originID, $0.roles, $0.failure) = ("directory", origin, roles, failure)
        $0.observedAt = .init(at)
      })
    try await commit { [store] work in try FoldObservations(store: store)([event], work) }
  }

  func storedResource() async throws -> Vestibule_Model_V1_Resource {
    try await read { [store, tenant, resource] connection in
      try ReadConfiguration(store: store)
        .get(resource, tenant: tenant, principal: self.operatorPrincipal, on: connection)
    }.resource
  }
}
