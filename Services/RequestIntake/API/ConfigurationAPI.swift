import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Everything that a tenant's administrators configure.
struct ConfigurationAPI: Vestibule_Api_V1_Configuration.SimpleServiceProtocol {
  let transactor: Transactor
  let store: ConfigurationStore
  let principals: LocalPrincipals

  func put(
    request: Vestibule_Api_V1_PutRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_PutResponse {
    let (principal, object) = (try Principal.required(), request.object)
    let tenant = try principal.tenant(administered: object.tenant)
    _ = try Field.optionalID(object.id, at: "object.id")
    if request.dryRun { return try await dryRun(object, tenant: tenant, principal) }
    let saved = try await transactor.commit(tenants: [tenant]) { [store] work in
      try PutConfiguration(store: store)(object, tenant: tenant, principal: principal, work)
    }.get()
    try await principals.follow(saved.object)
    return .with {
      $0.object = saved.object
      $0.warnings = saved.warnings.map(Vestibule_Model_V1_Reason.init)
      $0.tell(saved.people)
    }
  }

  func get(
    request: Vestibule_Api_V1_GetRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    return try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadConfiguration(store: store).get(id, tenant: tenant, principal: principal, on: connection)
    }
  }

  func delete(
    request: Vestibule_Api_V1_DeleteRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let (id, version) = (try Field.id(request.id, at: "id"), request.hasVersion ? request.version : nil)
    let deleted = try await transactor.commit(tenants: [tenant]) { [store] work in
      try DeleteConfiguration(store: store)(id, version: version, tenant: tenant, principal: principal, work)
    }.get()
    try await principals.follow(deleted)
    return deleted
  }

  func refreshResources(
    request: Vestibule_Api_V1_RefreshResourcesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_RefreshResourcesResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    guard request.resources.count <= 1_000 else {
      throw Refusal(.tooManyItems, "Name at most 1,000 resources at once.", field: "resources")
    }
    let ids = try request.resources.map { try Field.id($0, at: "resources") }
    let asked = try await transactor.commit(tenants: [tenant]) { [store] work in
      try RefreshResources(store: store)(Set(ids), tenant: tenant, principal: principal, work)
    }
    return .with { $0.asked = Int32(asked) }
  }

  func list(
    request: Vestibule_Api_V1_ListRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    guard Vestibule_Api_V1_Kind.known.contains(request.kind) else {
      throw Refusal(
        .required, "Say which kind of object is meant.", field: "kind",
        hint: Vestibule_Api_V1_Kind.known.map(\.text).joined(separator: ", "))
    }
    let (kind, page) = (request.kind, try PageRequest<String>(request.page))
    let objects = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadConfiguration(store: store).list(
        kind, tenant: tenant, page: page, principal: principal, on: connection)
    }
    return .with {
      $0.objects = objects
      $0.nextPageToken = page.nextToken(after: objects, \.name)
    }
  }

  private func dryRun(
    _ object: Vestibule_Model_V1_ConfigurationObject, tenant: UUID, _ principal: Principal
  ) async throws -> Vestibule_Api_V1_PutResponse {
    let answer = try await transactor.commit(tenants: [tenant]) { [store] work in
      try PutConfiguration(store: store).dryRun(object, tenant: tenant, principal: principal, work)
    }
    return .with {
      $0.object = answer.saved.object
      $0.warnings = answer.saved.warnings.map(Vestibule_Model_V1_Reason.init)
      $0.widens = answer.effect.widens.sorted().map(\.rawValue)
      $0.tell(answer.effect.people)
      $0.confirmationRequired = answer.mustWait
    }
  }
}

extension Vestibule_Api_V1_PutResponse {
  fileprivate mutating func tell(_ concerned: Set<UUID>) {
    people = Int64(concerned.count)
    sample = concerned.sorted().prefix(PendingConfirmation.sampleSize).map(\.text)
  }
}

extension LocalPrincipals {
  /// What this process remembers of callers ends with a change.
  func follow(_ changed: Vestibule_Model_V1_ConfigurationObject) async throws {
    if changed.kind == .issuer { try await followIssuers() } else { forget() }
  }
}

extension Principal {
  /// The tenant that is administered: any for the operator, else the caller's own.
  func tenant(administered text: String) throws -> UUID {
    guard isOperator, !text.isEmpty else { return try tenant(named: text) }
    return try Field.id(text, at: "tenant")
  }
}
