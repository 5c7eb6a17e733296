import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// What will happen by itself, for a tenant's administrators and assignment managers.
struct DeadlinesAPI: Vestibule_Api_V1_Deadlines.SimpleServiceProtocol {
  let transactor: Transactor

  func list(
    request: Vestibule_Api_V1_ListDeadlinesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListDeadlinesResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Self.requireReader(try Principal.required(), of: tenant)
    let page = try PageRequest<InstantKey>(request.page)
    let found = try await transactor.read(tenants: [tenant]) { connection in
      try DeadlineTable(connection: connection).page(tenant: tenant, after: page.after, limit: page.limit)
    }
    return .with {
      $0.deadlines = found.map(Vestibule_Api_V1_Deadline.init)
      $0.nextPageToken = page.nextToken(after: found) { deadline in
        deadline.dueAt.map { InstantKey(at: $0, id: deadline.aggregate) }
      }
    }
  }

  /// The list spans all catalogs, so a role for one catalog is not enough.
  static func requireReader(_ principal: Principal, of tenant: UUID) throws(Refusal) {
    if principal.tenant == tenant, principal.holds(.assignmentManager) { return }
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
  }
}

extension Vestibule_Api_V1_Deadline {
  fileprivate init(_ deadline: Deadline) {
    self.init()
    aggregate = deadline.aggregate.text
    step = deadline.step?.rawValue ?? ""
    if let instant = deadline.dueAt { dueAt = Google_Protobuf_Timestamp(instant) }
  }
}
