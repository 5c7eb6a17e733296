import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Catalogs, resources and who may change them")
struct CatalogTests {
  @Test("What holds an object is named: packages and resources of a catalog, requests of a package")
  func holders() async throws {
    try await IntakeFixture.run { intake in
      let catalog = try await refusal { try await intake.delete(intake.catalog) }
      #expect(catalog.reasons.map(\.hint) == [intake.resource.text, intake.package.text])
      #expect(catalog.reasons.map(\.message).allSatisfy { $0.contains("files") || $0.contains("suppliers") })
      let resource = try await refusal { try await intake.delete(intake.resource) }
      #expect(resource.reasons.map(\.hint) == [intake.package.text])

      let request = try await intake.submit(by: intake.guest("ann"))
      let policy = try await refusal { try await intake.delete(intake.policy) }
      #expect(policy.reasons.map(\.hint) == [request.id])
      #expect(policy.reasons[0].message.hasPrefix("1 requests or assignments"))
      let package = try await refusal { try await intake.delete(intake.package) }
      #expect(package.reasons.map(\.hint) == [intake.policy.text])

      try await intake.fold([intake.assignment(of: request, .expired, version: 5)])
      for id in [intake.policy, intake.package, intake.resource, intake.catalog] {
        try await intake.delete(id)
      }
    }
  }

  @Test("A role that packages hold is not withdrawn; each package is named with what it holds")
  func withdrawal() async throws {
    try await IntakeFixture.run { intake in
      try await intake.markPrivileged(false, roles: ["member", "owner"])
      let more = try await intake.put("more") {
        $0.accessPackage = .with {
          ($0.catalog, $0.displayName) = (intake.catalog.text, "More")
          $0.resourceRoles = [.with { ($0.resource, $0.role) = (intake.resource.text, "owner") }]
        }
      }
      let refused = try await refusal { try await intake.markPrivileged(false, roles: ["reader"]) }
      #expect(Set(refused.reasons.map(\.hint)) == [intake.package.text, more.id])
      #expect(refused.reasons.contains { $0.message == "The package more holds the role owner." })
      try await intake.markPrivileged(false, roles: ["member", "owner", "reader"])
    }
  }

  @Test(
    "Decision 17: adding a resource, or taking one out, takes a right over it as well as over the catalog")
  func resources() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let owner = intake.administrator(
        [GrantedRole(role: .catalogOwner, catalog: intake.catalog)], as: ann.subject)
      let forbidden = try await refusalCodes {
        try await intake.putResource("vault", origin: "vault", by: owner)
      }
      #expect(forbidden == [.forbidden])
      // What stays where it is may be described anew.
      try await intake.put("files", id: intake.resource, by: owner) {
        $0.resource = .with {
          ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "All files", .group)
          ($0.originSystem, $0.originID, $0.roles) = ("directory", "files", ["member"])
        }
      }
      let vault = try await intake.putResource("vault", origin: "vault", by: intake.administrator())
      let stranger = try await refusalCodes {
        try await intake.delete(try #require(UUID(text: vault.id)), by: owner)
      }
      #expect(stranger == [.forbidden])

      try await intake.grantOwnership(of: vault, to: ann)
      let again = try await intake.putResource("vault-again", origin: "vault", by: owner)
      try await intake.delete(try #require(UUID(text: again.id)), by: owner)
      #expect(
        try await refusalCodes { try await intake.putResource("safe", origin: "safe", by: owner) } == [
          .forbidden
        ])
    }
  }

  @Test("Decision 17: an audience from outside takes the catalog's owner; who manages packages may narrow it")
  func audiences() async throws {
    try await IntakeFixture.run { intake in
      let manager = intake.administrator([GrantedRole(role: .accessPackageManager, catalog: intake.catalog)])
      let owner = intake.administrator([GrantedRole(role: .catalogOwner, catalog: intake.catalog)])
      #expect(try await refusalCodes { try await intake.forAllOrganizations(by: manager) } == [.forbidden])
      try await intake.forAllOrganizations(by: owner)
      // As it is, or for fewer, it is theirs to keep.
      try await intake.put("standard", id: intake.policy, by: manager) { object in
        object.assignmentPolicy = .with {
          ($0.accessPackage, $0.displayName) = (intake.package.text, "Standard")
          $0.allowedTargetScope = .specificConnectedOrganizationUsers
          $0.specificAllowedTargets = [intake.organization.text]
          $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P90D") }
        }
      }
      try await intake.put("members", by: manager) { object in
        object.assignmentPolicy = .with {
          ($0.accessPackage, $0.displayName) = (intake.package.text, "Members")
          $0.allowedTargetScope = .allMemberUsers
          $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P90D") }
        }
      }
    }
  }

  private func refusal(_ work: () async throws -> some Any) async throws -> Refusal {
    do {
      _ = try await work()
      return Refusal([])
    } catch let refusal as Refusal {
      return refusal
    }
  }
}

extension IntakeFixture {
  func administrator(_ roles: [GrantedRole], as subject: UUID?) -> Principal {
    Principal(
      tenant: tenant, subject: subject, organization: nil, issuer: "https://login.contoso.example",
      externalSubject: "ann", email: nil, isMember: true, isOperator: false, roles: roles,
      expiresAt: .distantFuture)
  }

  @discardableResult
  func putResource(
    _ name: String, origin: String, roles: [String] = ["reader", "owner"], by principal: Principal
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    try await put(name, by: principal) {
      $0.resource = .with {
        ($0.catalog, $0.displayName, $0.kind) = (self.catalog.text, "Vault", .application)
        ($0.originSystem, $0.originID, $0.roles) = ("directory", origin, roles)
      }
    }
  }

  /// The person holds a package that makes them the resource's owner.
  func grantOwnership(of resource: Vestibule_Model_V1_ConfigurationObject, to person: Principal) async throws
  {
    let owners = try await put("vault-owners") {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (self.catalog.text, "Owners")
        $0.resourceRoles = [.with { ($0.resource, $0.role) = (resource.id, "owner") }]
      }
    }
    try await put("vault-owners") {
      $0.assignmentPolicy = .with {
        ($0.accessPackage, $0.displayName) = (owners.id, "Owners")
        $0.allowedTargetScope = .specificConnectedOrganizationUsers
        $0.specificAllowedTargets = [self.organization.text]
        $0.expiration.type = .noExpiration
      }
    }
    let request = try await submit([
      Submission(principal: person, tenant: tenant, accessPackage: try #require(UUID(text: owners.id)))
    ])[0].get()
    try await fold([assignment(of: request, .delivered, version: 2)])
  }
}
