import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf

@testable import Messaging
@testable import Provisioning

/// The events that others would send.
extension ProvisioningFixture {
  func received<Body: SwiftProtobuf.Message>(
    _ type: EventType, _ aggregate: UUID, number: Int = 1, _ body: Body
  ) -> Received<Body> {
    Received(
      id: UUID(), type: type, aggregate: aggregate, tenant: tenant,
      version: EntitlementModel.Version(epoch: 1, number: number), body: body)
  }

  func configure(
    _ package: UUID, roles: [String], attributes: [String] = [], persisted: Set<String> = [], number: Int = 1
  ) async throws {
    let object = Vestibule_Model_V1_ConfigurationObject.with { object in
      (object.id, object.tenant, object.name) = (package.text, tenant.text, "package")
      object.version = Vestibule_Model_V1_Version(epoch: 1, number: number)
      object.accessPackage = .with { content in
        content.catalog = UUID().text
        content.resourceRoles = roles.map { role in
          .with {
            ($0.resource, $0.role, $0.originSystem) = (Self.resource.text, role, "directory")
            ($0.originID, $0.kind) = ("wiki", .group)
          }
        }
        content.attributes = attributes.map { name in
          .with {
            ($0.name, $0.originSystem) = (name, "directory")
            $0.isPersistedOnAssignmentRemoval = persisted.contains(name)
            $0.question.textInput.isSingleLineQuestion = true
          }
        }
      }
    }
    try await follow(.packageChanged, package, object, number: number)
  }

  static let resource = UUID()
  static let policy = UUID()

  func settings(
    _ action: Vestibule_Model_V1_LifecycleSettings.ExternalUserLifecycleAction, days: Int, number: Int
  ) async throws {
    let object = Vestibule_Model_V1_ConfigurationObject.with { object in
      (object.id, object.tenant) = (Self.lifecycle.text, tenant.text)
      object.version = Vestibule_Model_V1_Version(epoch: 1, number: number)
      object.lifecycleSettings = .with {
        $0.externalUserLifecycleAction = action
        $0.durationUntilExternalUserDeletedAfterBlocked = "P\(days)D"
      }
    }
    try await follow(.settingsChanged, Self.lifecycle, object, number: number)
  }

  private static let lifecycle = UUID()

  /// The directory knows the person already, who may read the wiki; somebody else made the account.
  func found(_ person: Target) async throws {
    let account = UUID()
    _ = try await sql(
      """
      INSERT INTO directory.user VALUES ('\(tenant)', '\(account)', '\(person.email)', '\(person.email)', 'Ana', true,
        'somebody else');
      INSERT INTO directory.membership VALUES ('\(tenant)', '\(account)', 'wiki', 'reader')
      """)
  }

  func caller(_ roles: [GrantedRole]) -> Principal {
    Principal(
      tenant: tenant, subject: nil, organization: nil, issuer: "https://login.contoso.example",
      externalSubject: "admin", email: nil, isMember: true, isOperator: false, roles: roles,
      expiresAt: .distantFuture)
  }

  func deny(domain: String) async throws {
    let id = UUID()
    let object = Vestibule_Model_V1_ConfigurationObject.with { object in
      (object.id, object.tenant) = (id.text, tenant.text)
      object.domainList = .with { ($0.mode, $0.domains) = (.deny, [domain]) }
    }
    try await follow(.settingsChanged, id, object, number: 1)
  }

  /// An organization's contract as it is configured.
  func contract(_ organization: UUID, endsAt end: Date, number: Int) async throws {
    let object = Vestibule_Model_V1_ConfigurationObject.with { object in
      (object.id, object.tenant, object.name) = (organization.text, tenant.text, "fabrikam")
      object.version = Vestibule_Model_V1_Version(epoch: 1, number: number)
      object.connectedOrganization = .with { ($0.displayName, $0.contractEnd) = ("Fabrikam", .init(end)) }
    }
    try await follow(.organizationChanged, organization, object, number: number)
  }

  private func follow(
    _ type: EventType, _ id: UUID, _ object: Vestibule_Model_V1_ConfigurationObject, number: Int
  ) async throws {
    let event = received(
      type, id, number: number, Vestibule_Events_V1_ConfigurationEvent.with { $0.object = object })
    let follow = FollowConfiguration(settle: settle)
    try await commit { try follow([event], $0) }
  }

  func person(_ name: String = "ana") -> Target {
    let id = UUID()
    return Target(
      subject: id, email: "\(name)-\(id.text)@fabrikam.example", displayName: name.capitalized,
      isMember: false)
  }

  func request(
    _ kind: AccessRequest.Kind = .userAdd, for target: Target, package: UUID? = nil,
    organization: UUID? = nil, assignment: UUID? = nil,
    id: UUID = UUID(), update: AccessRequest.Update? = nil, policy: UUID = ProvisioningFixture.policy,
    answers: [QuestionAnswer] = [], term: Term = Term(duration: .days(180))
  ) -> AccessRequest {
    AccessRequest(
      id: id, tenant: tenant, version: 1, kind: kind, update: update, state: .delivering,
      status: .delivering, target: target,
      requestor: target.subject, accessPackage: package ?? self.package, assignmentPolicy: policy,
      organization: organization, assignment: assignment ?? id, justification: "", answers: answers,
      startsAt: nil, term: term,
      createdAt: now, completedAt: nil)
  }

  func event(
    _ request: AccessRequest, _ type: EventType = .requestApproved
  ) -> Received<Vestibule_Events_V1_RequestEvent> {
    received(
      type, request.id, number: request.version,
      .with { $0.request = Vestibule_Model_V1_Request(request, epoch: 1) })
  }

  @discardableResult
  func fulfil(_ requests: [AccessRequest]) async throws -> [Told] {
    let (events, fulfil) = (requests.map { event($0) }, FulfilRequests(settle: settle))
    return try await commit { try fulfil(events, $0) }
  }

  func due(_ type: EventType, _ aggregate: UUID, at instant: Date) -> Received<Vestibule_Events_V1_Due> {
    received(
      type, aggregate,
      Vestibule_Events_V1_Due(Due(aggregate: aggregate, version: 1, at: instant), tenant: tenant, epoch: 1))
  }

  @discardableResult
  func expire(_ assignments: [UUID], at instant: Date) async throws -> [Told] {
    let dues = assignments.map { due(.assignmentExpiryDue, $0, at: instant) }
    let expire = ExpireAssignments(settle: settle)
    return try await commit { try expire(dues, $0) }
  }

  @discardableResult
  func delete(_ guest: UUID, at instant: Date) async throws -> [Told] {
    let dues = [due(.guestDeletionDue, guest, at: instant)]
    let act = BlockAndDeleteGuests(settle: settle)
    return try await commit { try act(dues, $0) }
  }

  func guest(_ id: UUID) async throws -> Guest? {
    let tenant = tenant
    return try await transactor.read(tenants: [tenant]) {
      try GuestTable(connection: $0).read(id, of: tenant)
    }
  }

  func assignment(_ id: UUID) async throws -> Assignment? {
    let tenant = tenant
    return try await transactor.read(tenants: [tenant]) {
      try AssignmentTable(connection: $0).read([id], of: [tenant]).first
    }
  }

  func memberships() async throws -> Int {
    Int(try await sql("SELECT count(*) FROM directory.membership")) ?? -1
  }
}
