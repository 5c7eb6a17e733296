import EntitlementModel
import Foundation
import Messaging
import Postgres

/// One approval, for those whom it concerns: target, requestor, approvers, and the tenant's administrators.
struct FindApproval: Sendable {
  let cache: ConfigurationCache

  func callAsFunction(
    _ id: UUID, _ caller: Caller, isAdministrator: Bool, on connection: Connection, at now: Date
  ) throws -> StoredApproval {
    let table = ApprovalTable(connection: connection)
    guard let stored = try table.find([id], tenants: [caller.tenant])[id] else { throw Refusal.notFound }
    let approval = stored.approval
    let concerned = [approval.target.subject, approval.requestor] + approval.decisions.map(\.by)
    if isAdministrator || concerned.contains(caller.subject) { return stored }
    let ids = Set([approval.assignmentPolicy, approval.organization].compactMap(\.self))
    let objects = try ConfigurationCopies(connection: connection, cache: cache).load(ids)
    let approvers = try Approvers(
      objects.values, callers: [caller.subject], tenants: [caller.tenant], on: connection, at: now)
    // Who decides a stage that is still to come may look, too.
    let mayDecide = (approvers.stages[approval.assignmentPolicy] ?? []).contains { stage in
      approvers.seat(of: caller, stage: stage, organization: approval.organization, isEscalated: true) != nil
    }
    guard mayDecide else { throw Refusal.notFound }
    return stored
  }
}
