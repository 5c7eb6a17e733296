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
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    let (principal, object) = (try Principal.required(), request.object)
    let tenant = try principal.tenant(administered: object.tenant)
    _ = try Field.optionalID(object.id, at: "object.id")
    return try await change(tenant) { [store] work in
      try PutConfiguration(store: store)(object, tenant: tenant, principal: principal, work)
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
    return try await change(tenant) { [store] work in
      try DeleteConfiguration(store: store)(id, version: version, tenant: tenant, principal: principal, work)
    }
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

  /// What this process remembers of callers ends with the change.
  private func change(
    _ tenant: UUID, _ body: @Sendable (Work) throws -> Vestibule_Model_V1_ConfigurationObject
  ) async throws -> Vestibule_Model_V1_ConfigurationObject {
    let object = try await transactor.commit(tenants: [tenant], body)
    if object.kind == .issuer { try await principals.followIssuers() } else { principals.forget() }
    return object
  }
}

extension Principal {
  /// The tenant that is administered: any for the operator, else the caller's own.
  func tenant(administered text: String) throws -> UUID {
    guard isOperator, !text.isEmpty else { return try tenant(named: text) }
    return try Field.id(text, at: "tenant")
  }
}
