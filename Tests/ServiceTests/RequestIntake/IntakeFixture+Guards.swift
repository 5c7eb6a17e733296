import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

extension IntakeFixture {
  var secondAdministrator: Principal {
    Principal(
      tenant: tenant, subject: nil, organization: nil, issuer: "https://login.contoso.example",
      externalSubject: "second", email: nil, isMember: true, isOperator: false,
      roles: [GrantedRole(role: .tenantAdministrator)], expiresAt: .distantFuture)
  }

  /// The id of the confirmation for which a change is refused.
  func waiting(for work: () async throws -> some Any) async throws -> UUID {
    do {
      _ = try await work()
    } catch let refusal as Refusal {
      #expect(refusal.reasons.map(\.code) == [.confirmationRequired])
      return try #require(UUID(text: refusal.reasons[0].hint))
    }
    throw NothingWaits()
  }

  func confirm(_ id: UUID, seen: Int = 0, by principal: Principal) async throws -> StoredConfirmation {
    try await commit { [store, tenant] work in
      try DecideConfirmation(store: store).confirm(id, seen: seen, tenant: tenant, principal: principal, work)
    }
  }

  func reject(_ id: UUID) async throws -> StoredConfirmation {
    try await commit { [store, tenant, principal = administrator()] work in
      try DecideConfirmation(store: store).reject(id, tenant: tenant, principal: principal, work)
    }
  }

  func look(_ id: UUID) async throws -> (stored: StoredConfirmation, people: Set<UUID>) {
    try await commit { [store, tenant, principal = administrator()] work in
      try DecideConfirmation(store: store).look(id, tenant: tenant, principal: principal, work)
    }
  }

  func confirmation(_ id: UUID) async throws -> StoredConfirmation? {
    try await read { [tenant] in try ConfirmationTable(connection: $0).find(id, tenant: tenant) }
  }

  func pending() async throws -> [StoredConfirmation] {
    try await read { [tenant] in
      try ConfirmationTable(connection: $0).page(tenant: tenant, pendingOnly: true, after: nil, limit: 100)
    }
  }

  func markPrivileged(
    _ isPrivileged: Bool = true, roles: [String] = ["member"], by principal: Principal? = nil
  ) async throws {
    try await put("files", id: resource, by: principal) {
      $0.resource = .with {
        ($0.catalog, $0.displayName, $0.kind) = (self.catalog.text, "Files", .group)
        ($0.originSystem, $0.originID, $0.roles) = ("directory", "files", roles)
        $0.privileged = isPrivileged
      }
    }
  }

  func putRoles(_ roles: [String], by principal: Principal? = nil) async throws {
    try await put("suppliers", id: package, by: principal) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (self.catalog.text, "Suppliers")
        $0.resourceRoles = roles.map { role in .with { ($0.resource, $0.role) = (self.resource.text, role) } }
      }
    }
  }

  /// Opens the policy to all configured organizations.
  func forAllOrganizations(by principal: Principal? = nil) async throws {
    try await put("standard", id: policy, by: principal) { object in
      object.assignmentPolicy = .with {
        ($0.accessPackage, $0.displayName) = (self.package.text, "Standard")
        $0.allowedTargetScope = .allConfiguredConnectedOrganizationUsers
        $0.expiration = .with { ($0.type, $0.duration) = (.afterDuration, "P180D") }
      }
    }
  }

  func scope() async throws -> Vestibule_Model_V1_AssignmentPolicy.AllowedTargetScope {
    try await read { [store, tenant, policy] connection in
      try ReadConfiguration(store: store)
        .get(policy, tenant: tenant, principal: self.operatorPrincipal, on: connection)
    }.assignmentPolicy.allowedTargetScope
  }

  /// So many people of Fabrikam have the package.
  @discardableResult
  func grant(_ count: Int) async throws -> [Vestibule_Model_V1_Request] {
    let requests = try await submit((0..<count).map { submission(by: guest("p\($0)")) }).map { try $0.get() }
    try await fold(requests.map { assignment(of: $0, .delivered, version: 2) })
    return requests
  }

  func people(_ count: Int, from first: Int = 0) async throws -> [Vestibule_Model_V1_Subject] {
    try await putSubjects(
      (first..<first + count).map { number in
        .with {
          ($0.email, $0.organization) = ("q\(number)@fabrikam.example", organization.text)
          $0.identities = [
            .with { ($0.issuer, $0.subject) = ("https://login.fabrikam.example", "q\(number)") }
          ]
        }
      }
    ).map { try $0.get() }
  }

  func putSubjects(
    _ subjects: [Vestibule_Model_V1_Subject], by caller: Principal? = nil
  ) async throws -> [PutSubjects.Answer] {
    try await commit { [store, tenant, principal = caller ?? operatorPrincipal] work in
      try PutSubjects(store: store)(subjects, tenant: tenant, principal: principal, work)
    }
  }

  func end(_ person: Vestibule_Model_V1_Subject, by caller: Principal? = nil) async throws {
    let id = try #require(UUID(text: person.id))
    _ = try await commit { [store, tenant, principal = caller ?? operatorPrincipal] work in
      try EndSubject(store: store)(id, reason: "left", tenant: tenant, principal: principal, work)
    }.get()
  }

  @discardableResult
  func erase(
    _ person: Vestibule_Model_V1_Subject, isDryRun: Bool = false, by principal: Principal
  ) async throws -> EraseSubject.Outcome {
    let id = try #require(UUID(text: person.id))
    return try await commit { [store, tenant] work in
      try EraseSubject(store: store)(id, isDryRun: isDryRun, tenant: tenant, principal: principal, work)
    }.get()
  }

  /// Adopts what these people have, until then.
  func adopt(
    _ people: ArraySlice<Vestibule_Model_V1_Subject>, until end: Date
  ) async throws -> [RequestAnswers.Answer] {
    try await submit(
      people.map { person in
        submission(by: administrator()) {
          ($0.targetSubject, $0.endsAt, $0.adoptsGuest) = (UUID(text: person.id), end, true)
        }
      })
  }

  func cutOff(_ person: Vestibule_Model_V1_Subject, by caller: Principal? = nil) async throws {
    let id = try #require(UUID(text: person.id))
    _ = try await commit { [tenant, principal = caller ?? operatorPrincipal] work in
      try CutOffSubject()(id, .cutOff(reason: "stolen"), tenant: tenant, principal: principal, work)
    }.get()
  }

  func remove(
    _ requests: ArraySlice<Vestibule_Model_V1_Request>, by principal: Principal
  ) async throws -> [RequestAnswers.Answer] {
    let removals = requests.compactMap { request in
      UUID(text: request.assignment).map {
        Removal(ask: AssignmentAsk(principal: principal, tenant: tenant, assignment: $0))
      }
    }
    return try await commit { [store] work in try RemoveAssignments(store: store)(removals, work) }
  }

  func cancel(_ request: Vestibule_Model_V1_Request, by principal: Principal) async throws {
    let id = try Field.id(request.id, at: "id")
    _ = try await commit { [store, tenant] work in
      try CancelRequest(store: store)(id, tenant: tenant, principal: principal, work)
    }.get()
  }

  /// Tells that an approver has taken these approvals back.
  func revoke(
    _ requests: some Sequence<Vestibule_Model_V1_Request>, by approver: UUID, at instant: Date? = nil
  ) async throws {
    let events = try requests.map {
      try approvalEvent(of: $0, .approved, revokedBy: approver, at: instant ?? now)
    }
    try await commit { [store] work in try FoldRevocations(store: store)(events, work) }
  }

  /// How many requests of this kind there are.
  func count(_ kind: AccessRequest.Kind) async throws -> Int {
    try await read {
      try $0.value("SELECT count(*) FROM request WHERE kind = \(kind)", as: Int.self)
    }
  }

  /// Whoever has it gives it up.
  func ownRemoval(_ request: Vestibule_Model_V1_Request) async throws -> RequestAnswers.Answer {
    try await remove([request], by: guest("own", subject: UUID(text: request.target.subject)))[0]
  }

  struct NothingWaits: Error {}
}
