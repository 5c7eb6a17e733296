import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Does what fell due of idle guests.
struct BlockAndDeleteGuests {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_Due>], _ work: Work) throws {
    let dues = try events.map { try Due($0.body) }
    let ids = Set(dues.map(\.aggregate))
    let holdings = try Holdings.lock(guests: ids, of: Set(events.map(\.tenant)), work)
    let lifecycle = try Lifecycle(
      guests: ids, tenants: holdings.tenants, connection: work.connection, cache: settle.cache)
    for (event, due) in zip(events, dues) {
      let waits = lifecycle.waits(due.aggregate)
      holdings.change(guest: due.aggregate) { guest in
        event.type == .guestBlockDue
          ? guest.blockDue(
            due, settings: lifecycle.settings(of: event.tenant), hasOpenRequest: waits, at: work.now)
          : guest.deletionDue(due, hasOpenRequest: waits, at: work.now)
      }
    }
    try settle(holdings)
  }
}
