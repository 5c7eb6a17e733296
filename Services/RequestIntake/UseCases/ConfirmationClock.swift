import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols
import SwiftProtobuf

/// Ends the waiting of changes that nobody decided in time.
struct ConfirmationClock: Sendable {
  static let kind = "confirmation"

  /// Arms the deadline of one that begins to wait, and retires that of one that is decided; tells of it.
  static func follow(_ stored: StoredConfirmation, by initiator: Initiator, _ work: Work) throws {
    let (epoch, confirmation) = (try work.connection.epoch(), stored.confirmation)
    try DeadlineTable(connection: work.connection).arm(
      [
        Deadline(
          aggregate: confirmation.id, kind: kind, tenant: confirmation.tenant,
          version: Version(epoch: epoch, number: confirmation.version),
          dueAt: confirmation.state == .pending ? confirmation.expiresAt : nil)
      ])
    try tell(stored, by: initiator, epoch: epoch, work)
  }

  private static func tell(
    _ stored: StoredConfirmation, by initiator: Initiator, epoch: Int, _ work: Work
  ) throws {
    let confirmation = stored.confirmation
    try work.tell(
      confirmation.state == .pending ? .confirmationRequested : .confirmationDecided, confirmation.id,
      tenant: confirmation.tenant, number: confirmation.version, by: initiator,
      details: AuditDetails(confirmation.codes),
      Vestibule_Events_V1_ConfirmationEvent.with {
        $0.confirmation = .init(confirmation, change: stored.change.withoutPersonalValues, epoch: epoch)
      })
  }

  /// - Returns: the deadlines as they are to be afterwards: nothing more is due.
  func callAsFunction(_ deadlines: [Deadline], _ work: Work) throws -> [Deadline] {
    let table = ConfirmationTable(connection: work.connection)
    let locked = try table.lock(deadlines.map(\.aggregate), tenants: Set(deadlines.map(\.tenant)))
    let epoch = try work.connection.epoch()
    var expired: [StoredConfirmation] = []
    for deadline in deadlines {
      guard let at = deadline.dueAt, var stored = locked[deadline.aggregate] else { continue }
      let before = stored.confirmation.version
      stored.confirmation.expire(
        Due(aggregate: deadline.aggregate, version: deadline.version.number, at: at))
      guard stored.confirmation.version != before else { continue }
      try Self.tell(stored, by: .system, epoch: epoch, work)
      expired.append(stored)
    }
    try table.update(expired)
    return deadlines.map { deadline in
      var fired = deadline
      fired.dueAt = nil
      return fired
    }
  }
}

extension PendingConfirmation {
  fileprivate var codes: [String: String] {
    [
      "object": object.text, "objectVersion": "\(objectVersion)", "state": state.rawValue,
      "people": "\(people)",
      "widens": widens.map(\.rawValue).joined(separator: " "),
    ]
  }
}
