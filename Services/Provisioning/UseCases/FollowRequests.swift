import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Keeps track of the requests that wait for a decision or for their start. A guest who became idle meanwhile is settled
/// when the last of them is closed; one that is granted cancels the deletion.
struct FollowRequests {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_RequestEvent>], _ work: Work) throws {
    let open = try events.map { event in
      OpenRequest(
        request: event.aggregate, tenant: event.tenant,
        subject: try Field.id(event.body.request.target.subject, at: "request.target.subject"),
        version: event.version, isOpen: event.type == .requestSubmitted || event.type == .requestScheduled,
        isScheduled: event.type == .requestScheduled)
    }
    try OpenRequestTable(connection: work.connection).take(open)
    let decided = Set(open.filter { !$0.isOpen || $0.isScheduled }.map(\.subject))
    if !decided.isEmpty { try settleIdle(decided, tenants: Set(events.map(\.tenant)), work) }
  }

  private func settleIdle(_ subjects: Set<UUID>, tenants: Set<UUID>, _ work: Work) throws {
    let holdings = try Holdings.lock(guests: subjects, of: tenants, work)
    let lifecycle = try Lifecycle(
      guests: subjects, tenants: holdings.tenants, connection: work.connection, cache: settle.cache)
    let scheduled = try OpenRequestTable(connection: work.connection)
      .scheduled(subjects, of: holdings.tenants)
    for guest in holdings.guests.current.values.sorted(by: { $0.id < $1.id }) {
      holdings.change(guest: guest.id) {
        scheduled.contains(guest.id)
          ? $0.startScheduled()
          : $0.settle(
            settings: lifecycle.settings(of: guest.tenant), hasOpenRequest: lifecycle.waits(guest.id),
            at: work.now)
      }
    }
    try settle(holdings)
  }
}
