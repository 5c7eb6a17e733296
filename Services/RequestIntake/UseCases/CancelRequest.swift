import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Takes a request back before it is granted.
struct CancelRequest: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ id: UUID, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> Vestibule_Model_V1_Request {
    let configuration = try store.load([tenant], on: work.connection)
    let table = RequestTable(connection: work.connection)
    guard var stored = try table.lock([id], tenants: [tenant])[id],
      AssignmentAccess.mayRead(principal, stored.request, configuration)
    else { throw Refusal.notFound }
    if principal.subject != stored.request.requestor {
      _ = try AssignmentAccess(principal, to: stored.request, configuration)
    }
    let before = stored.request.version
    let told = try stored.request.cancel(at: work.now)
    let message = try RequestEvents(configuration: configuration, work: work).tell(told, of: stored.request)
    guard stored.request.version != before else { return message }
    try table.update([stored])
    if stored.request.startsAt != nil {
      try DeadlineTable(connection: work.connection)
        .arm([ScheduledStart.deadline(of: stored.request, epoch: configuration.epoch)])
    }
    return message
  }
}
