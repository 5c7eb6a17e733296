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

extension ApprovalsAPI {
  func listRouting(
    request: Vestibule_Api_V1_ListRoutingRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListRoutingResponse {
    let (principal, tenant) = try Self.administering(request.tenant)
    let page = try PageRequest<UUID>(request.page)
    let (found, epoch) = try await transactor.read(tenants: [tenant]) { [cache] connection in
      (
        try ListRouting(cache: cache)(
          of: tenant, all: request.all, principal, after: page.after, limit: page.limit, on: connection),
        try connection.epoch()
      )
    }
    return .with {
      $0.routing = found.map { Vestibule_Model_V1_ApprovalRouting($0, epoch: epoch) }
      $0.nextPageToken = page.nextToken(after: found, \.id)
    }
  }

  func listRouted(
    request: Vestibule_Api_V1_ListRoutedRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListPendingResponse {
    let (principal, tenant) = try Self.administering(request.tenant)
    let page = try PageRequest<InstantKey>(request.page)
    let id = try Field.id(request.routing, at: "routing")
    let found = try await transactor.read(tenants: [tenant]) { [cache] connection in
      try ListRouting(cache: cache).routed(
        id, tenant: tenant, principal, after: page.after, limit: page.limit, on: connection, at: Date())
    }
    return .with {
      $0.approvals = found.map { Vestibule_Model_V1_Approval($0.approval, epoch: $0.epoch) }
      $0.nextPageToken = page.nextToken(after: found) {
        InstantKey(at: $0.approval.openedAt, id: $0.approval.id)
      }
    }
  }

  func getHealth(
    request: Vestibule_Api_V1_GetApprovalHealthRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ApprovalHealth {
    let (principal, tenant) = try Self.administering(request.tenant)
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    return try await transactor.read(tenants: [tenant]) { [cache] connection in
      try ReadHealth(cache: cache)(tenant, on: connection, at: Date())
    }
  }

  /// The caller, who need not be a person here, and the tenant.
  static func administering(_ tenant: String) throws -> (Principal, UUID) {
    let (principal, tenant) = (try Principal.required(), try Field.id(tenant, at: "tenant"))
    guard principal.tenant == tenant else { throw Refusal.notFound }
    return (principal, tenant)
  }
}
