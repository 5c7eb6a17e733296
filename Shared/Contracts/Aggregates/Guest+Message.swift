package import EntitlementModel
package import Foundation
package import Protocols
import SwiftProtobuf

extension Vestibule_Model_V1_Guest {
  /// The whole public state; `epoch` is that of the schema which owns the guest. Accounts are not told.
  package init(_ guest: Guest, epoch: Int) {
    self.init()
    (id, tenant) = (guest.id.text, guest.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: guest.version)
    state = State(guest.state)
    target = Vestibule_Model_V1_Target(guest.target)
    (isGoverned, liveAssignments) = (guest.isGoverned, Int32(clamping: guest.liveAssignments))
    if let due = guest.blockDueAt { blockDueAt = Google_Protobuf_Timestamp(due) }
    if let due = guest.deleteDueAt { deleteDueAt = Google_Protobuf_Timestamp(due) }
    if let blocked = guest.blockedAt { blockedAt = Google_Protobuf_Timestamp(blocked) }
    blockCauses = guest.blockCauses.map(\.rawValue).sorted()
  }

  /// What happens by itself to the guest after a moment; nil for nothing.
  package func nextStep(after moment: Date) throws(ContractError) -> AccessDeadlines.Planned? {
    AccessDeadlines.next(
      blockDueAt: try Field.optionalInstant(hasBlockDueAt ? blockDueAt : nil, at: "block_due_at"),
      deleteDueAt: try Field.optionalInstant(hasDeleteDueAt ? deleteDueAt : nil, at: "delete_due_at"),
      after: moment)
  }
}

extension Guest.State {
  package init(_ message: Vestibule_Model_V1_Guest.State) throws(ContractError) {
    switch message {
    case .inviting: self = .inviting
    case .active: self = .active
    case .blocking: self = .blocking
    case .blocked: self = .blocked
    case .unblocking: self = .unblocking
    case .deleting: self = .deleting
    case .deleted: self = .deleted
    case .failed: self = .failed
    case .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_Guest.State {
  package init(_ state: Guest.State) {
    switch state {
    case .inviting: self = .inviting
    case .active: self = .active
    case .blocking: self = .blocking
    case .blocked: self = .blocked
    case .unblocking: self = .unblocking
    case .deleting: self = .deleting
    case .deleted: self = .deleted
    case .failed: self = .failed
    }
  }
}
