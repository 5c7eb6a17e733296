import EntitlementModel
import Foundation
import Messaging

/// Ends what came of an approval that was taken back: access that was given, or a request that still waits. One that
/// comes before the approval's end is the end.
struct EndRevokedAccess: Sendable {
  let store: ConfigurationStore

  /// - Parameter revocations: by the requests that had been approved.
  func callAsFunction(
    _ revocations: [UUID: ApprovalProcess.Revocation], tenants: Set<UUID>, _ work: Work,
    _ admission: Admission = .judged
  ) throws {
    var batch = try lock(revocations.keys, tenants, work)
    let waiting =
      switch admission {
      case .judged: try RevocationGuard(batch: batch, work: work).waiting(revocations)
      case .confirmed: Set<UUID>()
      }
    for (id, revocation) in revocations where !waiting.contains(id) {
      guard let request = batch.locked[id]?.request else { continue }
      if request.isWaiting { try batch.cancel(id, by: .approver(revocation.by)) }
      guard let origin = batch.locked[request.assignment], origin.isRemovable else { continue }
      _ = try batch.end(
        origin, id: work.newID(), kind: .approverRemove, requestor: revocation.by,
        justification: revocation.justification, by: .approver(revocation.by))
    }
    try batch.save()
  }

  /// Whose request or access it would end, as things are now.
  func people(of requests: [UUID], tenants: Set<UUID>, _ work: Work) throws -> Set<UUID> {
    let batch = try lock(requests, tenants, work)
    return Set(requests.compactMap { batch.wouldEnd($0)?.target.subject })
  }

  private func lock(
    _ ids: some Collection<UUID>, _ tenants: Set<UUID>, _ work: Work
  ) throws -> RemovalBatch {
    let table = RequestTable(connection: work.connection)
    let approved = try table.lockWithOrigins(ids, tenants: tenants)
    let assignments = ids.compactMap { approved[$0]?.request.assignment }
    return RemovalBatch(
      locked: approved.merging(try table.lock(assignments: Set(assignments), tenants: tenants)) { $1 },
      events: RequestEvents(configuration: try store.load(tenants, on: work.connection), work: work))
  }
}
