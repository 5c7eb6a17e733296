import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Configuration")
struct ConfigurationTests {
  @Test("The same content again changes nothing and tells nothing; a change raises the version")
  func idempotent() async throws {
    try await IntakeFixture.run { intake in
      let told = try await intake.told(.catalogChanged)
      try await intake.putCatalog()
      #expect(try await intake.told(.catalogChanged) == told)
      try await intake.putCatalog { $0.description_p = "for partners" }
      #expect(try await intake.told(.catalogChanged) == told + 1)
    }
  }

  @Test("A version that is not the stored one is a conflict")
  func version() async throws {
    try await IntakeFixture.run { intake in
      let codes = try await refusalCodes {
        try await intake.put("partners", id: intake.catalog) {
          ($0.catalog.displayName, $0.version.number) = ("Other", 7)
        }
      }
      #expect(codes == [.versionConflict])
    }
  }

  @Test("Names are unique in their kind, and there is one list of domains")
  func names() async throws {
    try await IntakeFixture.run { intake in
      let taken = try await refusalCodes {
        try await intake.put("partners") { $0.catalog.displayName = "Two" }
      }
      #expect(taken == [.nameTaken])
      try await intake.put("domains") { $0.domainList.mode = .none }
      let codes = try await refusalCodes { try await intake.put("more") { $0.domainList.mode = .deny } }
      #expect(codes == [.nameTaken])
    }
  }

  @Test("What is named exists, is of the right kind, and offers the role")
  func references() async throws {
    try await IntakeFixture.run { intake in
      let wrongKind = try await refusalCodes {
        try await intake.put("bad") {
          $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.package.text, "Bad") }
        }
      }
      #expect(wrongKind == [.unknownReference])
      let noRole = try await refusalCodes {
        try await intake.put("bad") { object in
          object.accessPackage = .with {
            ($0.catalog, $0.displayName) = (intake.catalog.text, "Bad")
            $0.resourceRoles = [.with { ($0.resource, $0.role) = (intake.resource.text, "owner") }]
          }
        }
      }
      #expect(noRole == [.unknownReference])
    }
  }

  @Test("A package's roles bear the resource's origin, which stays while packages hold it")
  func origin() async throws {
    try await IntakeFixture.run { intake in
      let told = try await intake.told(.packageChanged)
      let moving = try await refusalCodes {
        try await intake.put("files", id: intake.resource) {
          $0.resource = .with {
            ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
            ($0.originSystem, $0.originID, $0.roles) = ("directory", "moved", ["member"])
          }
        }
      }
      #expect(moving == [.inUse])
      #expect(try await intake.told(.packageChanged) == told)
      let (package, resource) = try await intake.read { connection in
        let (read, caller) = (ReadConfiguration(store: intake.store), intake.operatorPrincipal)
        return try (
          read.get(intake.package, tenant: intake.tenant, principal: caller, on: connection),
          read.get(intake.resource, tenant: intake.tenant, principal: caller, on: connection)
        )
      }
      #expect(resource.resource.originID != "moved" && !resource.resource.originID.isEmpty)
      #expect(package.accessPackage.resourceRoles.map(\.originID) == [resource.resource.originID])
    }
  }

  @Test("What is used is not deleted; what is not, is, and may come back")
  func deletion() async throws {
    try await IntakeFixture.run { intake in
      for id in [intake.catalog, intake.resource, intake.package, intake.organization] {
        #expect(Set(try await refusalCodes { try await intake.delete(id) }) == [.inUse])
      }
      let request = try await intake.submit(by: try await intake.person("ann"))
      #expect(try await refusalCodes { try await intake.delete(intake.policy) } == [.inUse])
      try await intake.fold([intake.assignment(of: request, .expired, version: 5)])
      try await intake.delete(intake.policy)
      #expect(try await refusalCodes { try await intake.delete(intake.policy) } == [.notFound])
      try await intake.putPolicy()
      let policy = try await intake.read { connection in
        try ReadConfiguration(store: intake.store)
          .get(intake.policy, tenant: intake.tenant, principal: intake.operatorPrincipal, on: connection)
      }
      #expect(policy.version.number == 3)
    }
  }

  @Test("An identity source belongs to one organization, an issuer and audience to one tenant")
  func sources() async throws {
    try await IntakeFixture.run { intake in
      let taken = try await refusalCodes {
        try await intake.put("tailspin") {
          $0.connectedOrganization = .with {
            $0.displayName = "Tailspin"
            $0.identitySources = [.with { $0.domain.domainName = "FABRIKAM.example" }]
          }
        }
      }
      #expect(taken == [.sourceTaken])
      let other = IntakeFixture(sharing: intake)
      try await other.configure()
      try await intake.putIssuer()
      #expect(try await refusalCodes { try await other.putIssuer() } == [.sourceTaken])
    }
  }

  @Test("Only the operator makes tenants; a tenant's administrator sees no other's")
  func tenants() async throws {
    try await IntakeFixture.run { intake in
      let other = IntakeFixture(sharing: intake)
      let create = try await refusalCodes {
        try await other.put("new", by: other.administrator()) { $0.tenantSettings.displayName = "New" }
      }
      #expect(create == [.notFound])
      try await other.configure()
      let foreign = try await refusalCodes {
        try await intake.put("mine", by: other.administrator()) { $0.catalog.displayName = "Mine" }
      }
      #expect(foreign == [.notFound])
    }
  }

  @Test("Roles limit what one may write")
  func roles() async throws {
    try await IntakeFixture.run { intake in
      let owner = intake.administrator([GrantedRole(role: .catalogOwner, catalog: intake.catalog)])
      try await intake.put("more", by: owner) {
        $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.catalog.text, "More") }
      }
      let forbidden = try await refusalCodes {
        try await intake.put("tailspin", by: owner) { $0.connectedOrganization.displayName = "Tailspin" }
      }
      #expect(forbidden == [.forbidden])
    }
  }

  @Test("Row-level security hides a tenant's rows from work for another")
  func isolation() async throws {
    try await IntakeFixture.run { intake in
      _ = try await intake.submit(by: try await intake.person("ann"))
      let other = IntakeFixture(sharing: intake)
      let counts = try await other.read { connection in
        try ["request", "subject", "subject_identity", "configuration", "identity_source"].map { table in
          try connection.value("SELECT count(*) FROM \(unsafe: table)", as: Int.self)
        }
      }
      #expect(counts == [0, 0, 0, 0, 0])
    }
  }
}

extension IntakeFixture {
  func putIssuer(_ change: (inout Vestibule_Model_V1_Issuer) -> Void = { _ in }) async throws {
    try await put("login") { object in
      object.issuer = .with {
        ($0.issuer, $0.audience) = ("https://login.fabrikam.example", "vestibule")
        ($0.organization, $0.jwks) = (self.organization.text, #"{"keys":[]}"#)
        change(&$0)
      }
    }
  }
}
