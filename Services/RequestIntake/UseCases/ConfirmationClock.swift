import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Ends the waiting of changes that nobody decided in time.
struct ConfirmationClock: Sendable {
  static let kind = "confirmation"

  /// One that is decided has nothing due any more.
  static func arm(_ confirmations: [PendingConfirmation], _ work: Work) throws {
    let epoch = try work.connection.epoch()
    try DeadlineTable(connection: work.connection).arm(
      confirmations.map { confirmation in
        Deadline(
          aggregate: confirmation.id, kind: kind, tenant: confirmation.tenant,
          version: Version(epoch: epoch, number: confirmation.version),
          dueAt: confirmation.state == .pending ? confirmation.expiresAt : nil)
      })
  }

  /// - Returns: the deadlines as they are to be afterwards: nothing more is due.
  func callAsFunction(_ deadlines: [Deadline], _ work: Work) throws -> [Deadline] {
    let table = ConfirmationTable(connection: work.connection)
    let locked = try table.lock(deadlines.map(\.aggregate), tenants: Set(deadlines.map(\.tenant)))
    var expired: [PendingConfirmation] = []
    for deadline in deadlines {
      guard let at = deadline.dueAt, var confirmation = locked[deadline.aggregate]?.confirmation else {
        continue
      }
      let before = confirmation.version
      confirmation.expire(Due(aggregate: deadline.aggregate, version: deadline.version.number, at: at))
      if confirmation.version != before { expired.append(confirmation) }
    }
    try table.update(expired)
    return deadlines.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      return fired
    }
  }
}
