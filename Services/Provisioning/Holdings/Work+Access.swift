import Contracts
import EntitlementModel
import Messaging
import Protocols
import SwiftProtobuf

extension Work {
  func tell(_ type: EventType, _ guest: Guest, epoch: Int) throws {
    try tell(
      type, guest.id, tenant: guest.tenant, number: guest.version,
      Vestibule_Events_V1_GuestEvent.with { $0.guest = Vestibule_Model_V1_Guest(guest, epoch: epoch) })
  }

  func tell(_ type: EventType, _ assignment: Assignment, epoch: Int) throws {
    try tell(
      type, assignment.id, tenant: assignment.tenant, number: assignment.version,
      Vestibule_Events_V1_AssignmentEvent.with {
        $0.assignment = Vestibule_Model_V1_Assignment(assignment, epoch: epoch)
      })
  }
}
