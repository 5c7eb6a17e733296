import EntitlementModel
import Foundation
import Messaging

/// Escalates what has waited for long, ends what nobody has decided in time. The clock of an approval that is over
/// falls due all the same, and says nothing then.
struct FireApprovalDeadlines: Sendable {
  func callAsFunction(_ due: [Deadline], _ work: Work) throws -> [Deadline] {
    let table = ApprovalTable(connection: work.connection)
    let approvals = try table.lock(due.map(\.aggregate), tenants: Set(due.map(\.tenant)))
    var changed: [ApprovalProcess] = []
    let fired = try due.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      guard var stored = approvals[deadline.aggregate], let instant = deadline.dueAt else { return fired }
      let events = stored.approval.fallDue(
        Due(aggregate: deadline.aggregate, version: deadline.version.number, at: instant))
      if !events.isEmpty {
        changed.append(stored.approval)
        try work.tell(events, about: stored, by: .system)
      }
      fired.dueAt = stored.approval.nextDue
      return fired
    }
    try table.update(changed)
    try work.lookForApprovers(in: Set(changed.map(\.tenant)))
    return fired
  }
}

extension StoredApproval {
  /// When something happens to it next by itself.
  var deadline: Deadline {
    Deadline(
      aggregate: approval.id, kind: "timeout", tenant: approval.tenant,
      version: Version(epoch: epoch, number: approval.version), dueAt: approval.nextDue)
  }
}
