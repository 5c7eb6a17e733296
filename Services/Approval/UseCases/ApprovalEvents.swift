import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

extension Work {
  /// Tells facts about an approval, with its whole state.
  func tell(
    _ events: [ApprovalProcess.Event], about stored: StoredApproval, by initiator: Initiator,
    words: [String: String] = [:]
  ) throws {
    guard !events.isEmpty else { return }
    let (approval, body) = (stored.approval, stored.event)
    let details = AuditDetails(approval.codes, about: approval.target.subject, words: words)
    for event in events {
      try tell(
        EventType(event), approval.id, tenant: approval.tenant, number: approval.version, by: initiator,
        details: details, body)
    }
  }

  /// Tells a reader again what it forgot.
  func tellAgain(_ event: ApprovalProcess.Event, about stored: StoredApproval) throws {
    let approval = stored.approval
    try tellAgain(
      EventType(event), approval.id, tenant: approval.tenant, number: approval.version, stored.event)
  }
}

extension StoredApproval {
  fileprivate var event: Vestibule_Events_V1_ApprovalEvent {
    .with { $0.approval = Vestibule_Model_V1_Approval(approval, epoch: epoch) }
  }
}

extension ApprovalProcess {
  /// What the audit says of it: ids and codes.
  var codes: [String: String] {
    var codes = [
      "target": target.subject.text, "accessPackage": accessPackage.text,
      "assignmentPolicy": assignmentPolicy.text, "organization": organization?.text ?? "",
      "state": state.rawValue, "stage": "\(currentStage + 1)",
    ]
    if let named = waiting.reassignedTo {
      codes["reassignedTo"] = named.sorted().map(\.text).joined(separator: " ")
    }
    if let revocation { codes["revocation"] = revocation.state.rawValue }
    guard let decision = stages[currentStage].decisions.last else { return codes }
    codes["verdict"] = decision.verdict.rawValue
    codes["capacity"] = decision.capacity.rawValue
    codes["onBehalfOf"] = decision.onBehalfOf?.text ?? ""
    return codes
  }
}

extension EventType {
  fileprivate init(_ event: ApprovalProcess.Event) {
    switch event {
    case .stageOpened: self = .approvalStageOpened
    case .escalated: self = .approvalEscalated
    case .reassigned: self = .approvalReassigned
    case .decided: self = .approvalDecided
    case .completed: self = .approvalCompleted
    case .revoked: self = .approvalRevoked
    case .revocationWaits: self = .approvalRevocationWaits
    case .revocationLapsed: self = .approvalRevocationLapsed
    }
  }
}
