import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// The ends of connected organizations.
struct OrganizationsAPI: Vestibule_Api_V1_Organizations.SimpleServiceProtocol {
  let transactor: Transactor
  let store: ConfigurationStore
  let principals: LocalPrincipals

  func end(
    request: Vestibule_Api_V1_EndOrganizationRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_EndOrganizationResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let (id, isDryRun) = (try Field.id(request.id, at: "id"), request.dryRun)
    let extent = try await transactor.commit(tenants: [tenant]) { [store] work in
      try EndOrganization(store: store)(id, isDryRun: isDryRun, tenant: tenant, principal: principal, work)
    }.get()
    principals.forget()
    return .with {
      ($0.requests, $0.assignments, $0.guests) = (
        Int64(extent.requests), Int64(extent.assignments), Int64(extent.guests)
      )
    }
  }

  func listEnds(
    request: Vestibule_Api_V1_ListOrganizationEndsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListOrganizationEndsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    try ConfigurationPermission.requireReading(principal, tenant: tenant)
    return try await transactor.read(tenants: [tenant]) { connection in
      let ends = try OrganizationEndTable(connection: connection).list(of: tenant)
      let left = try RequestTable(connection: connection).waitingForEnd(ends, tenant: tenant)
      return .with {
        $0.ends = ends.map { Vestibule_Api_V1_OrganizationEnd($0, left: left[$0.organization] ?? 0) }
      }
    }
  }
}

extension Vestibule_Api_V1_OrganizationEnd {
  fileprivate init(_ end: OrganizationEnd, left: Int) {
    self.init()
    organization = end.organization.text
    begunAt = Google_Protobuf_Timestamp(end.begunAt)
    (done, self.left) = (Int64(end.done), Int64(left))
  }
}
