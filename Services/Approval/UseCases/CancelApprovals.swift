import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// `request.canceled` and `request.denied`: nothing waits any more. One that comes before its `request.submitted`
/// leaves a row, so that the late one opens nothing.
struct CancelApprovals: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_RequestEvent>], _ work: Work) throws {
    let newest = Array(
      Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }.values)
    let endings = zip(newest, try work.requests(newest)).compactMap { event, request in
      ApprovalProcess.neverOpened(request).map {
        ApprovalTable.Arrival(approval: $0, told: [], request: event.version)
      }
    }
    let table = ApprovalTable(connection: work.connection)
    let known = try table.receive(endings).filter { !$0.isStored }.map(\.id)
    guard !known.isEmpty else { return }
    let canceled = try table.lock(known, tenants: Set(events.map(\.tenant))).values.compactMap { stored in
      var approval = stored.approval
      _ = approval.cancel()
      return approval.version == stored.approval.version ? nil : approval
    }
    try table.update(canceled)
    for approval in canceled {
      work.record(
        .approvalCanceled, of: approval.id, tenant: approval.tenant, number: approval.version, by: .system,
        details: AuditDetails(approval.codes))
    }
  }
}

extension ApprovalProcess {
  /// The approval of a request that ended before it was seen to wait; nil for one that has no policy, and so can not
  /// have waited.
  fileprivate static func neverOpened(_ request: AccessRequest) -> ApprovalProcess? {
    request.assignmentPolicy.map { policy in
      ApprovalProcess(
        id: request.id, tenant: request.tenant, version: 1, state: .canceled, target: request.target,
        requestor: request.requestor, accessPackage: request.accessPackage, assignmentPolicy: policy,
        organization: request.organization, justification: request.justification,
        openedAt: request.createdAt, stages: [Stage(Stage.Plan(timeout: Period()))])
    }
  }
}
