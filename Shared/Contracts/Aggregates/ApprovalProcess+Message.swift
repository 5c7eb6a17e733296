package import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

extension ApprovalProcess {
  package init(_ message: Vestibule_Model_V1_Approval) throws(ContractError) {
    self.init(
      id: try Field.id(message.id, at: "id"), tenant: try Field.id(message.tenant, at: "tenant"),
      version: Int(message.version.number), state: try State(message),
      target: try Target(message.target, at: "target"),
      requestor: try Field.id(message.requestor, at: "requestor"),
      accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.id(message.assignmentPolicy, at: "assignment_policy"),
      organization: try Field.optionalID(message.organization, at: "organization"),
      justification: message.justification,
      openedAt: try Field.instant(message.hasOpenedAt ? message.openedAt : nil, at: "opened_at"),
      expiresAt: try Field.instant(message.hasExpiresAt ? message.expiresAt : nil, at: "expires_at"))
  }
}

extension ApprovalProcess.State {
  fileprivate init(_ message: Vestibule_Model_V1_Approval) throws(ContractError) {
    switch message.state {
    case .pending: self = .pending
    case .approved: self = .approved(try Self.decision(of: message, verdict: .approve))
    case .denied: self = .denied(try Self.decision(of: message, verdict: .deny))
    case .timedOut: self = .timedOut
    case .canceled: self = .canceled
    case .UNRECOGNIZED:
      throw Field.outOfRange("state", ["pending", "approved", "denied", "timedOut", "canceled"])
    }
  }

  private static func decision(
    of message: Vestibule_Model_V1_Approval, verdict: ApprovalProcess.Verdict
  ) throws(ContractError) -> ApprovalProcess.Decision {
    guard message.hasDecision else { throw Field.required("decision", "who decided, and how") }
    let decision = try Field.within("decision") { () throws(ContractError) in
      try ApprovalProcess.Decision(message.decision)
    }
    guard decision.verdict == verdict else { throw Field.outOfRange("decision.verdict", [verdict.rawValue]) }
    return decision
  }
}

extension ApprovalProcess.Decision {
  package init(_ message: Vestibule_Model_V1_ApprovalDecision) throws(ContractError) {
    self.init(
      verdict: try ApprovalProcess.Verdict(message.verdict),
      by: try Field.id(message.decidedBy, at: "decided_by"),
      capacity: try ApprovalProcess.Capacity(text: message.capacity), justification: message.justification,
      at: try Field.instant(message.hasDecidedAt ? message.decidedAt : nil, at: "decided_at"))
  }
}

extension ApprovalProcess.Verdict {
  package init(_ message: Vestibule_Model_V1_ApprovalDecision.Verdict) throws(ContractError) {
    switch message {
    case .approve: self = .approve
    case .deny: self = .deny
    case .notSpecified: throw Field.required("verdict", "approve, deny")
    case .UNRECOGNIZED: throw Field.outOfRange("verdict", ["approve", "deny"])
    }
  }
}

extension ApprovalProcess.Capacity {
  fileprivate init(text: String) throws(ContractError) {
    guard let capacity = Self(rawValue: text) else {
      throw Field.outOfRange("capacity", Self.allCases.map(\.rawValue))
    }
    self = capacity
  }
}

extension Vestibule_Model_V1_Approval {
  /// The whole public state; `epoch` is that of the schema which owns the approval.
  package init(_ approval: ApprovalProcess, epoch: Int) {
    self.init()
    (id, tenant) = (approval.id.text, approval.tenant.text)
    version = Vestibule_Model_V1_Version(epoch: epoch, number: approval.version)
    state = State(approval.state)
    target = Vestibule_Model_V1_Target(approval.target)
    (requestor, accessPackage) = (approval.requestor.text, approval.accessPackage.text)
    assignmentPolicy = approval.assignmentPolicy.text
    organization = approval.organization?.text ?? ""
    justification = approval.justification
    openedAt = Google_Protobuf_Timestamp(approval.openedAt)
    expiresAt = Google_Protobuf_Timestamp(approval.expiresAt)
    if let made = approval.decision { decision = Vestibule_Model_V1_ApprovalDecision(made) }
  }
}

extension Vestibule_Model_V1_Approval.State {
  package init(_ state: ApprovalProcess.State) {
    switch state {
    case .pending: self = .pending
    case .approved: self = .approved
    case .denied: self = .denied
    case .timedOut: self = .timedOut
    case .canceled: self = .canceled
    }
  }
}

extension Vestibule_Model_V1_ApprovalDecision {
  package init(_ decision: ApprovalProcess.Decision) {
    self.init()
    verdict = Verdict(decision.verdict)
    (decidedBy, capacity) = (decision.by.text, decision.capacity.rawValue)
    (justification, decidedAt) = (decision.justification, Google_Protobuf_Timestamp(decision.at))
  }
}

extension Vestibule_Model_V1_ApprovalDecision.Verdict {
  package init(_ verdict: ApprovalProcess.Verdict) {
    switch verdict {
    case .approve: self = .approve
    case .deny: self = .deny
    }
  }
}
