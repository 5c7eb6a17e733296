import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Ends what came of an approval that was taken back: access that was given, or a request that still waits. One that
/// comes before the approval's end is the end.
struct FoldRevocations: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ApprovalEvent>], _ work: Work) throws {
    let revocations = try events.reduce(into: [UUID: ApprovalProcess.Revocation]()) { found, event in
      found[event.aggregate] = try ApprovalProcess(event.body.approval).revocation
    }
    let tenants = Set(events.map(\.tenant))
    let table = RequestTable(connection: work.connection)
    let approved = try table.lockWithOrigins(revocations.keys, tenants: tenants)
    let assignments = revocations.keys.compactMap { approved[$0]?.request.assignment }
    var batch = RemovalBatch(
      locked: approved.merging(try table.lock(assignments: Set(assignments), tenants: tenants)) { $1 },
      events: RequestEvents(configuration: try store.load(tenants, on: work.connection), work: work))
    for (id, revocation) in revocations {
      guard let request = batch.locked[id]?.request else { continue }
      if batch.isWaiting(request) { try batch.cancel(id) }
      guard let origin = batch.locked[request.assignment], batch.isRemovable(origin) else { continue }
      _ = try batch.end(
        origin, id: work.newID(), kind: .approverRemove, requestor: revocation.by,
        justification: revocation.justification)
    }
    try batch.save()
  }
}
