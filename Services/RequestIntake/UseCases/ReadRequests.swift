import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Shows requests to whoever may see them.
struct ReadRequests: Sendable {
  let store: ConfigurationStore

  /// Whose requests are asked for.
  enum Scope: Sendable {
    case own
    case of(UUID)
    case all
  }

  func get(_ id: UUID, tenant: UUID, principal: Principal, on connection: Connection) throws
    -> Vestibule_Model_V1_Request
  {
    let configuration = try store.load([tenant], on: connection)
    guard let stored = try RequestTable(connection: connection).find([id], tenants: [tenant])[id],
      AssignmentAccess.mayRead(principal, stored.request, configuration)
    else { throw Refusal.notFound }
    return Vestibule_Model_V1_Request(stored.request, shownTo: principal, configuration)
  }

  func list(
    _ scope: Scope, package: UUID?, states: [AccessRequest.State] = [], kinds: [AccessRequest.Kind] = [],
    tenant: UUID, page: PageRequest<RequestTable.Key>, principal: Principal,
    on connection: Connection
  ) throws -> (requests: [Vestibule_Model_V1_Request], next: RequestTable.Key?) {
    guard principal.tenant == tenant else { throw Refusal.notFound }
    let configuration = try store.load([tenant], on: connection)
    let subjects: Set<UUID>?
    switch scope {
    case .own:
      if principal.subject == nil { return ([], nil) }
      subjects = principal.subjects
    case .of(let person):
      if !principal.isSubject(person) { try requireAdministrator(principal, package, tenant, configuration) }
      subjects = [person]
    case .all:
      try requireAdministrator(principal, package, tenant, configuration)
      subjects = nil
    }
    let rows = try RequestTable(connection: connection)
      .page(
        tenant: tenant, of: subjects, package: package, states: states, kinds: kinds, after: page.after,
        limit: page.limit)
    let next =
      rows.count < page.limit
      ? nil
      : rows.last.map {
        RequestTable.Key(subject: $0.request.target.subject, id: $0.request.id)
      }
    return (rows.map { Vestibule_Model_V1_Request($0.request, shownTo: principal, configuration) }, next)
  }

  /// Who holds, or asks for, both of two packages that are to be kept apart.
  func additionalAccess(
    _ package: UUID, _ other: UUID, tenant: UUID, page: PageRequest<UUID>, principal: Principal,
    on connection: Connection
  ) throws -> [Vestibule_Api_V1_AdditionalAccess] {
    guard principal.tenant == tenant else { throw Refusal.notFound }
    let configuration = try store.load([tenant], on: connection)
    for each in [package, other] { try requireAdministrator(principal, each, tenant, configuration) }
    return try RequestTable(connection: connection)
      .holders(ofBoth: package, and: other, tenant: tenant, after: page.after, limit: page.limit)
      .map { holder in
        .with {
          $0.target = Vestibule_Model_V1_Target(holder.target)
          ($0.assignment, $0.incompatibleAssignment) = (holder.assignment.text, holder.other.text)
        }
      }
  }

  /// Who holds, or asks for, a package and is in a group that it is to be kept apart from.
  func additionalAccess(
    _ package: UUID, group: UUID, tenant: UUID, page: PageRequest<UUID>, principal: Principal,
    on connection: Connection
  ) throws -> [Vestibule_Api_V1_AdditionalAccess] {
    guard principal.tenant == tenant else { throw Refusal.notFound }
    let configuration = try store.load([tenant], on: connection)
    try requireAdministrator(principal, package, tenant, configuration)
    guard case .resource(let resource) = configuration.tenants[tenant]?.objects[group]?.object.object else {
      throw Refusal.notFound
    }
    return try RequestTable(connection: connection)
      .holders(of: package, in: resource.originID, tenant: tenant, after: page.after, limit: page.limit)
      .map { holder in
        .with {
          ($0.target, $0.assignment) = (Vestibule_Model_V1_Target(holder.target), holder.assignment.text)
        }
      }
  }

  private func requireAdministrator(
    _ principal: Principal, _ package: UUID?, _ tenant: UUID, _ configuration: LoadedConfiguration
  ) throws {
    let facts = AuthorizationFacts(tenant: tenant)
    guard let package else { return try Authorization.require(principal, .administerTenant, facts) }
    guard let catalog = configuration.tenants[tenant]?.catalog(of: package) else { throw Refusal.notFound }
    try Authorization.require(principal, .manageAssignments(catalog: catalog), facts)
  }
}
