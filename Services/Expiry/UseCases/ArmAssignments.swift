import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// `assignment.*`: arms what comes next, or retires it.
struct ArmAssignments: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_AssignmentEvent>], _ work: Work) throws {
    try DeadlineTable(connection: work.connection).arm(
      try events.map { try Self.deadline(of: $0, at: work.now) })
  }

  private static func deadline(
    of event: Received<Vestibule_Events_V1_AssignmentEvent>, at now: Date
  ) throws -> Deadline {
    let message = event.body.assignment
    let endsAt = try Field.optionalInstant(message.hasEndsAt ? message.endsAt : nil, at: "ends_at")
    let next = AccessDeadlines.next(
      for: try Assignment.State(message.state),
      deliveredAt: try Field.optionalInstant(
        message.hasDeliveredAt ? message.deliveredAt : nil, at: "delivered_at"),
      endsAt: endsAt, armedAt: now)
    return Deadline(
      aggregate: event.aggregate, kind: DeadlineKind.assignment.rawValue, tenant: event.tenant,
      version: event.version, dueAt: next?.at, endsAt: endsAt,
      recipient: try Field.id(message.target.subject, at: "target.subject"))
  }
}
