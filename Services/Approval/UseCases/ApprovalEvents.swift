import Contracts
import EntitlementModel
import Messaging
import Protocols
import SwiftProtobuf

extension Work {
  /// Tells facts about an approval, with its whole state.
  func tell(_ events: [ApprovalProcess.Event], about stored: StoredApproval) throws {
    guard !events.isEmpty else { return }
    let approval = stored.approval
    let body = Vestibule_Events_V1_ApprovalEvent.with {
      $0.approval = Vestibule_Model_V1_Approval(approval, epoch: stored.epoch)
    }
    for event in events {
      try tell(EventType(event), approval.id, tenant: approval.tenant, number: approval.version, body)
    }
  }
}

extension EventType {
  fileprivate init(_ event: ApprovalProcess.Event) {
    switch event {
    case .stageOpened: self = .approvalStageOpened
    case .escalated: self = .approvalEscalated
    case .decided: self = .approvalDecided
    case .completed: self = .approvalCompleted
    case .revoked: self = .approvalRevoked
    }
  }
}
