import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Takes a request back before it is granted. An administrator's cancellation of what others asked for counts as a mass
/// change (decision 26).
struct CancelRequest: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ id: UUID, tenant: UUID, principal: Principal, _ work: Work, _ admission: Admission = .judged
  ) throws -> Guarded<Vestibule_Model_V1_Request> {
    let configuration = try store.load([tenant], on: work.connection)
    let table = RequestTable(connection: work.connection)
    guard var stored = try table.lock([id], tenants: [tenant])[id] else { throw Refusal.notFound }
    let concernsOthers = try concernsOthers(stored.request, principal, configuration, admission)
    let before = stored.request
    let told = try stored.request.cancel(at: work.now)
    if stored.request.version != before.version, concernsOthers {
      let effect = GuardedEffect(object: id, objectVersion: before.version, people: [before.target.subject])
      let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal)
        .admit(.with { $0.cancelRequests.requests = [id.text] }, effect, admission)
      if let waiting { return .waits(waiting) }
    }
    let message = try RequestEvents(configuration: configuration, work: work)
      .tell(told, of: stored.request, by: principal.initiator)
    guard stored.request.version != before.version else { return .done(message) }
    try table.update([stored])
    if stored.request.startsAt != nil {
      try DeadlineTable(connection: work.connection)
        .arm([ScheduledStart.deadline(of: stored.request, epoch: configuration.epoch)])
    }
    return .done(message)
  }

  /// - Throws: `notFound` to whoever may not take it back. Whoever confirms what an administrator asked may.
  private func concernsOthers(
    _ request: AccessRequest, _ principal: Principal, _ configuration: LoadedConfiguration,
    _ admission: Admission
  ) throws -> Bool {
    switch admission {
    case .confirmed: return true
    case .judged:
      guard AssignmentAccess.mayRead(principal, request, configuration) else { throw Refusal.notFound }
      let access = Result { try AssignmentAccess(principal, to: request, configuration) }
      if principal.isSubject(request.requestor) { return (try? access.get()) == .administrator }
      return try access.get() == .administrator
    }
  }
}
