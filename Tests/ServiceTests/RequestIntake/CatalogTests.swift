import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Synchronization
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

  @Test(
    "Decision 17: what is let in no more, or has let nobody in, takes the catalog's owner to let in again")
  func openedAudiences() async throws {
    try await IntakeFixture.run { intake in
      let manager = intake.administrator([GrantedRole(role: .accessPackageManager, catalog: intake.catalog)])
      let (open, disabled): (Change, Change) = ({ _ in }, { $0.isDisabled = true })
      let assigned: Change = { $0.requestorSettings.enableTargetsToSelfAddAccess = false }
      let owner = intake.operatorPrincipal
      let steps: [(by: Principal, Change, codes: [Reason.Code])] = [
        (manager, disabled, []), (manager, open, [.forbidden]), (owner, assigned, []),
        (manager, assigned, []), (manager, open, [.forbidden]), (owner, open, []), (manager, open, []),
      ]
      for (principal, change, codes) in steps {
        let answered = try await save(intake, by: principal, change)
        #expect(answered == codes)
      }
    }
  }

  private typealias Change = (inout Vestibule_Model_V1_AssignmentPolicy) -> Void

  private func save(_ intake: IntakeFixture, by principal: Principal, _ change: Change) async throws
    -> [Reason.Code]
  {
    try await refusalCodes {
      try await intake.put("standard", id: intake.policy, by: principal) { object in
        object.assignmentPolicy = .with {
          ($0.accessPackage, $0.displayName) = (intake.package.text, "Standard")
          $0.allowedTargetScope = .specificConnectedOrganizationUsers
          $0.specificAllowedTargets = [intake.organization.text]
          $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P90D") }
          $0.requestorSettings.enableTargetsToSelfAddAccess = true
          change(&$0)
        }
      }
    }
  }

  @Test("Decision 17: people from outside who are named, or are in a group that is, are such an audience too")
  func namedAudiences() async throws {
    try await IntakeFixture.run { intake in
      let manager = intake.administrator([GrantedRole(role: .accessPackageManager, catalog: intake.catalog)])
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      let saved = try await intake.putSubject { ($0.email, $0.kind) = ("mia@contoso.example", .member) }
      let mia = intake.guest("mia", subject: UUID(text: saved.id), isMatched: false)
      func name(
        _ people: [Principal], group: Bool = false, by principal: Principal? = nil
      ) async throws -> [Reason.Code] {
        try await refusalCodes {
          try await intake.put("named", by: principal ?? manager) { object in
            object.id = named.text
            object.assignmentPolicy = .with {
              ($0.accessPackage, $0.displayName) = (intake.package.text, "Named")
              $0.allowedTargetScope = .specificDirectoryUsers
              $0.specificAllowedTargets = people.compactMap { $0.subject?.text }
              if group { $0.specificAllowedGroups = [.with { $0.group = intake.resource.text }] }
              $0.expiration.type = .noExpiration
              $0.requestorSettings.enableTargetsToSelfAddAccess = true
            }
          }
        }
      }
      #expect(try await name([mia]) == [])
      #expect(try await name([mia, ann]) == [.forbidden])
      try await intake.group("files", mia, isMember: true, version: 1)
      #expect(try await name([mia], group: true) == [])
      #expect(try await name([mia]) == [])
      try await intake.group("files", ben, isMember: true, version: 1)
      #expect(try await name([mia], group: true) == [.forbidden])
      // Whom the owner has let in they may keep, and may shut out.
      #expect(try await name([mia, ann], group: true, by: intake.operatorPrincipal) == [])
      #expect(try await name([ann], group: true) == [])
      #expect(try await name([ann, ben], group: true) == [.forbidden])
      #expect(try await name([ann]) == [])
    }
  }

  private let named = UUID()

  @Test(
    "What a package holds stays at its origin, and the package in its catalog; what nothing holds may move")
  func moves() async throws {
    try await IntakeFixture.run { intake in
      func move(to origin: String, at system: String = "directory") async throws -> Refusal {
        try await refusal {
          try await intake.put("files", id: intake.resource) {
            $0.resource = .with {
              ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
              ($0.originSystem, $0.originID, $0.roles) = (system, origin, ["member"])
            }
          }
        }
      }
      for refused in [try await move(to: "elsewhere"), try await move(to: "files", at: "scim")] {
        #expect(refused.reasons.map(\.code) == [.inUse])
        #expect(refused.reasons.map(\.hint) == [intake.package.text])
      }
      let other = try await intake.put("other") {
        $0.catalog = .with { ($0.displayName, $0.state) = ("Other", .published) }
      }
      let moved = try await refusal {
        try await intake.put("suppliers", id: intake.package) {
          $0.accessPackage = .with { ($0.catalog, $0.displayName) = (other.id, "Suppliers") }
        }
      }
      #expect(moved.reasons.map(\.field) == ["access_package.catalog"])
      try await intake.putRoles([])
      #expect(try await move(to: "elsewhere").reasons.isEmpty)
    }
  }

  @Test("Of a deletion and a request under what is deleted, one is made", .timeLimit(.minutes(2)))
  func deletionRace() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let deletion = Mutex<Task<Refusal, any Error>?>(nil)
      // The request is judged, and not committed, when the deletion comes.
      let asked = try await intake.commit { [store = intake.store] work in
        let asked = try SubmitRequests(store: store)([intake.submission(by: ann)], work)
        let isOver = Atomic(false)
        let task = Task {
          defer { isOver.store(true, ordering: .releasing) }
          return try await refusal { try await intake.delete(intake.policy) }
        }
        deletion.withLock { $0 = task }
        while !isOver.load(ordering: .acquiring) {
          let waits = try work.connection.value(
            """
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE d.datname = current_database() AND NOT l.granted
            """, as: Int.self)
          if waits > 0 { break }
        }
        return asked
      }[0]
      #expect(asked.refusalCodes == [])
      let refused = try await deletion.withLock(\.self)?.value
      #expect(refused?.reasons.map(\.code) == [.inUse])
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
