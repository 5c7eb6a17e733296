import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// `guest.*`: arms the block or the deletion that comes next, or retires it.
struct ArmGuests: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_GuestEvent>], _ work: Work) throws {
    try DeadlineTable(connection: work.connection).arm(try events.map(Self.deadline))
  }

  private static func deadline(of event: Received<Vestibule_Events_V1_GuestEvent>) throws -> Deadline {
    let next = try event.body.guest.nextStep()
    return Deadline(
      aggregate: event.aggregate, kind: DeadlineKind(guestStep: next?.step).rawValue, tenant: event.tenant,
      version: event.version, dueAt: next?.at)
  }
}
