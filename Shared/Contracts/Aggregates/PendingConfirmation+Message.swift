package import EntitlementModel
package import Protocols
import SwiftProtobuf

extension Vestibule_Model_V1_PendingConfirmation {
  package init(
    _ confirmation: PendingConfirmation, change: Vestibule_Model_V1_GuardedChange, epoch: Int
  ) {
    self.init()
    (id, tenant) = (confirmation.id.text, confirmation.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: confirmation.version)
    (state, self.change) = (State(confirmation.state), change)
    (object, objectVersion) = (confirmation.object.text, Int64(confirmation.objectVersion))
    widens = confirmation.widens.map(\.rawValue)
    (people, sample) = (Int64(confirmation.people), confirmation.sample.map(\.text))
    askedBy = Vestibule_Model_V1_Administrator(confirmation.askedBy)
    askedAt = Google_Protobuf_Timestamp(confirmation.askedAt)
    expiresAt = Google_Protobuf_Timestamp(confirmation.expiresAt)
    if let decider = confirmation.decidedBy { decidedBy = Vestibule_Model_V1_Administrator(decider) }
    if let decided = confirmation.decidedAt { decidedAt = Google_Protobuf_Timestamp(decided) }
  }
}

extension PendingConfirmation.State {
  package init(_ message: Vestibule_Model_V1_PendingConfirmation.State) throws(ContractError) {
    switch message {
    case .pending: self = .pending
    case .confirmed: self = .confirmed
    case .rejected: self = .rejected
    case .expired: self = .expired
    case .void: self = .void
    case .UNRECOGNIZED:
      throw Field.outOfRange("state", ["pending", "confirmed", "rejected", "expired", "void"])
    }
  }
}

extension Vestibule_Model_V1_PendingConfirmation.State {
  fileprivate init(_ state: PendingConfirmation.State) {
    self =
      switch state {
      case .pending: .pending
      case .confirmed: .confirmed
      case .rejected: .rejected
      case .expired: .expired
      case .void: .void
      }
  }
}

extension Vestibule_Model_V1_GuardedChange {
  /// The same change asked for again is signed a little later.
  package var withoutSigningInstant: Self {
    guard put.assignmentPolicy.hasApprovalException else { return self }
    var change = self
    change.put.assignmentPolicy.approvalException.clearSignedAt()
    return change
  }

  /// Of people only their ids: what is told, and what stays once it is decided.
  package var withoutPersonalValues: Self {
    var copy = self
    switch change {
    case .putSubjects(let list):
      copy.putSubjects.subjects = list.subjects.map { subject in .with { $0.id = subject.id } }
    case .endSubject: copy.endSubject.reason = ""
    case .cutOffSubject: copy.cutOffSubject.reason = ""
    case .removeAssignments(let list):
      copy.removeAssignments.removals = list.removals.map { item in .with { $0.assignment = item.assignment }
      }
    case .revokeApprovals(let list):
      copy.revokeApprovals.revocations = list.revocations.map { item in
        var item = item
        item.justification = ""
        return item
      }
    case .adoptGuests(let list):
      copy.adoptGuests.adoptions = list.adoptions.map { item in
        var item = item
        (item.justification, item.answers) = ("", [])
        return item
      }
    case .put, .delete, .endOrganization, .cancelRequests, .eraseSubject, nil: break
    }
    return copy
  }
}
