import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Keeps track of the requests that wait for a decision or for their start. A guest who became idle meanwhile is settled
/// when the last of them is closed.
struct FollowRequests {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_RequestEvent>], _ work: Work) throws {
    let open = try events.map { event in
      OpenRequest(
        request: event.aggregate, tenant: event.tenant,
        subject: try Field.id(event.body.request.target.subject, at: "request.target.subject"),
        version: event.version, isOpen: event.type == .requestSubmitted || event.type == .requestScheduled)
    }
    try OpenRequestTable(connection: work.connection).take(open)
    let closed = Set(open.filter { !$0.isOpen }.map(\.subject))
    if !closed.isEmpty { try settleIdle(closed, tenants: Set(events.map(\.tenant)), work) }
  }

  private func settleIdle(_ subjects: Set<UUID>, tenants: Set<UUID>, _ work: Work) throws {
    let holdings = try Holdings.lock(guests: subjects, of: tenants, work)
    let lifecycle = try Lifecycle(
      guests: subjects, tenants: holdings.tenants, connection: work.connection, cache: settle.cache)
    for guest in holdings.guests.current.values.sorted(by: { $0.id < $1.id }) {
      holdings.change(guest: guest.id) {
        $0.settle(
          settings: lifecycle.settings(of: guest.tenant), hasOpenRequest: lifecycle.waits(guest.id),
          at: work.now)
      }
    }
    try settle(holdings)
  }
}
