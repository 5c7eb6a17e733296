import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Takes what fell due and takes the access away.
struct ExpireAssignments {
  let settle: Settlement

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_Due>], _ work: Work) throws {
    let dues = try events.map { try Due($0.body) }
    let holdings = try Holdings.lock(
      holdersOf: Set(dues.map(\.aggregate)), of: Set(events.map(\.tenant)), work)
    for due in dues {
      var isExpired = false
      holdings.change(assignment: due.aggregate) {
        isExpired = $0.expire(due)
        return []
      }
      if isExpired, let assignment = holdings.assignments[due.aggregate] {
        holdings.releaseAll(of: assignment)
      }
    }
    try settle(holdings)
  }
}
