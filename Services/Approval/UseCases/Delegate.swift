import Contracts
import EntitlementModel
import Foundation
import Messaging

/// An approver lets somebody decide too, for a while, or takes that back.
struct Delegate: Sendable {
  func callAsFunction(
    _ caller: Caller, to delegate: UUID?, from start: Date?, until end: Date?, _ work: Work
  ) throws -> Delegation? {
    let table = DelegationTable(connection: work.connection)
    guard let delegate else {
      guard try table.delete(of: caller.subject, tenant: caller.tenant) else { return nil }
      work.record(
        .delegationEnded, of: caller.subject, tenant: caller.tenant, by: .approver(caller.subject))
      try work.lookForApprovers(in: [caller.tenant])
      return nil
    }
    let delegation = Delegation(
      approver: caller.subject, delegate: delegate, startsAt: start ?? work.now, endsAt: end)
    var reasons: [Reason] = []
    if delegate == caller.subject {
      reasons.append(Reason(.outOfRange, "Name somebody else.", field: "delegate"))
    }
    if let end, end <= max(delegation.startsAt, work.now) {
      reasons.append(
        Reason(.outOfRange, "The end lies after the start, and in the future.", field: "end_date_time"))
    }
    let known = try SubjectCopyTable(connection: work.connection).known([delegate], tenants: [caller.tenant])
    if known.isEmpty {
      reasons.append(Reason(.unknownReference, "There is no such person.", field: "delegate"))
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
    try table.save(delegation, tenant: caller.tenant)
    work.record(
      .delegationSet, of: caller.subject, tenant: caller.tenant, by: .approver(caller.subject),
      details: AuditDetails([
        "delegate": delegate.text, "startsAt": delegation.startsAt.formatted(.iso8601),
        "endsAt": end?.formatted(.iso8601) ?? "",
      ]))
    // Whoever stands in for somebody decides nothing that concerns them, as long as it lasts.
    try work.lookForApprovers(in: [caller.tenant])
    for change in [delegation.startsAt, end].compactMap(\.self) where change > work.now {
      try work.lookForApprovers(in: [caller.tenant], from: change)
    }
    return delegation
  }
}
