import EntitlementModel
import Foundation
import Messaging

/// Ends what nobody has decided in time. The deadline of an approval that ended otherwise falls due all the same, and
/// says nothing then: so a decision need not touch it.
struct TimeOutApprovals: Sendable {
  func callAsFunction(_ due: [Deadline], _ work: Work) throws -> [Deadline] {
    let table = ApprovalTable(connection: work.connection)
    let approvals = try table.lock(due.map(\.aggregate), tenants: Set(due.map(\.tenant)))
    var ended: [ApprovalProcess] = []
    for deadline in due {
      guard var stored = approvals[deadline.aggregate], let instant = deadline.dueAt else { continue }
      let events = stored.approval.timeOut(
        Due(aggregate: deadline.aggregate, version: deadline.version.number, at: instant))
      guard !events.isEmpty else { continue }
      ended.append(stored.approval)
      try work.tell(events, about: stored)
    }
    try table.update(ended)
    return due.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      return fired
    }
  }
}
