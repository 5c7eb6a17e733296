import Contracts
import EntitlementModel
import Protocols
import SwiftProtobuf

extension Guest {
  func event(epoch: Int) -> Vestibule_Events_V1_GuestEvent {
    .with { $0.guest = Vestibule_Model_V1_Guest(self, epoch: epoch) }
  }
}

extension Assignment {
  func event(epoch: Int) -> Vestibule_Events_V1_AssignmentEvent {
    .with { $0.assignment = Vestibule_Model_V1_Assignment(self, epoch: epoch) }
  }
}
