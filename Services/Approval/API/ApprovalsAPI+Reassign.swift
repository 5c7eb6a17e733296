import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

extension ApprovalsAPI {
  private static let approverLimit = 100

  func reassign(
    request: Vestibule_Api_V1_ReassignRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ReassignResponse {
    let (principal, tenant) = try Self.administering(request.tenant)
    guard request.ids.count <= Self.itemLimit else {
      throw Refusal(.tooManyItems, "Too many at once.", field: "ids", hint: "at most \(Self.itemLimit)")
    }
    let (ids, wish) = (try Field.ids(request.ids, at: "ids"), try Self.wish(request))
    var results: [Vestibule_Api_V1_ReassignResult] = []
    for start in stride(from: 0, to: ids.count, by: Self.itemsPerTransaction) {
      let page = ids[start..<min(start + Self.itemsPerTransaction, ids.count)]
      let reassigned = try await transactor.commit(tenants: [tenant]) { [cache] work in
        try ReassignApprovals(cache: cache)(page, wish, tenant: tenant, principal: principal, work)
      }
      results += zip(page, reassigned).map { Vestibule_Api_V1_ReassignResult($0, $1) }
    }
    return .with { $0.results = results }
  }

  private static func wish(_ request: Vestibule_Api_V1_ReassignRequest) throws -> ReassignApprovals.Wish {
    let approvers = try Field.ids(request.approvers, at: "approvers")
    if approvers.isEmpty {
      throw Refusal(
        .required, "Say who decides instead.", field: "approvers", hint: "1 to \(approverLimit) people")
    }
    if approvers.count > approverLimit {
      throw Refusal(
        .tooManyItems, "Too many approvers.", field: "approvers", hint: "at most \(approverLimit)")
    }
    return ReassignApprovals.Wish(
      approvers: approvers,
      justification: try Field.text(
        request.justification, at: "justification", limit: Limits.justification, isRequired: true),
      stage: try stage(request.stage, or: "0 for whichever waits"))
  }
}

extension Vestibule_Api_V1_ReassignResult {
  fileprivate init(_ id: UUID, _ result: Result<StoredApproval, Refusal>) {
    self.init()
    self.id = id.text
    switch result {
    case .success: break
    case .failure(let why): refusal = Vestibule_Model_V1_Refusal(why)
    }
  }
}
