import EntitlementModel
import Foundation
import Messaging

/// Grants the requests whose start has come.
struct StartScheduledRequests: Sendable {
  let store: ConfigurationStore

  /// - Returns: the deadlines as they are to be afterwards: nothing more is due.
  func callAsFunction(_ deadlines: [Deadline], _ work: Work) throws -> [Deadline] {
    let tenants = Set(deadlines.map(\.tenant))
    let configuration = try store.load(tenants, on: work.connection)
    let table = RequestTable(connection: work.connection)
    let told = RequestEvents(configuration: configuration, work: work)
    var locked = try table.lock(deadlines.map(\.aggregate), tenants: tenants)
    var changed: [StoredRequest] = []
    for deadline in deadlines {
      guard let at = deadline.dueAt, var stored = locked[deadline.aggregate] else { continue }
      let due = Due(aggregate: deadline.aggregate, version: deadline.version.number, at: at)
      let events = stored.request.startDue(due, at: work.now)
      guard !events.isEmpty else { continue }
      try told.tell(events, of: stored.request, by: .system)
      locked[deadline.aggregate] = stored
      changed.append(stored)
    }
    try table.update(changed)
    return deadlines.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      return fired
    }
  }
}
