package import EntitlementModel
import Foundation
package import Protocols
import SwiftProtobuf

extension ApprovalProcess {
  package init(_ message: Vestibule_Model_V1_Approval) throws(ContractError) {
    let stages = try Field.each(message.stages, at: "stages") { stage throws(ContractError) in
      try Stage(stage)
    }
    guard !stages.isEmpty else { throw Field.required("stages", "one to three") }
    self.init(
      id: try Field.id(message.id, at: "id"), tenant: try Field.id(message.tenant, at: "tenant"),
      version: Int(message.version.number), state: try State(message.state),
      target: try Target(message.target, at: "target"),
      requestor: try Field.id(message.requestor, at: "requestor"),
      accessPackage: try Field.id(message.accessPackage, at: "access_package"),
      assignmentPolicy: try Field.id(message.assignmentPolicy, at: "assignment_policy"),
      organization: try Field.optionalID(message.organization, at: "organization"),
      justification: message.justification, answers: message.answers.map(QuestionAnswer.init),
      openedAt: try Field.instant(message.hasOpenedAt ? message.openedAt : nil, at: "opened_at"),
      stages: stages,
      revocation: message.hasRevocation
        ? try Field.within("revocation") { () throws(ContractError) in
          try ApprovalProcess.Revocation(message.revocation)
        } : nil)
  }
}

extension ApprovalProcess.Revocation {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRevocation) throws(ContractError) {
    self.init(
      by: try Field.id(message.revokedBy, at: "revoked_by"), justification: message.justification,
      at: try Field.instant(message.hasRevokedAt ? message.revokedAt : nil, at: "revoked_at"),
      state: try ApprovalProcess.Revocation.State(message.state))
  }
}

extension ApprovalProcess.Revocation.State {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalRevocation.State) throws(ContractError) {
    switch message {
    case .revoked: self = .revoked
    case .waiting: self = .waiting
    case .confirmed: self = .confirmed
    case .lapsed: self = .lapsed
    case .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension Vestibule_Model_V1_ApprovalRevocation {
  fileprivate init(_ made: ApprovalProcess.Revocation) {
    self.init()
    (revokedBy, justification, state) = (made.by.text, made.justification, State(made.state))
    revokedAt = Google_Protobuf_Timestamp(made.at)
  }
}

extension Vestibule_Model_V1_ApprovalRevocation.State {
  fileprivate init(_ state: ApprovalProcess.Revocation.State) {
    switch state {
    case .revoked: self = .revoked
    case .waiting: self = .waiting
    case .confirmed: self = .confirmed
    case .lapsed: self = .lapsed
    }
  }
}

extension ApprovalProcess.State {
  fileprivate init(_ message: Vestibule_Model_V1_Approval.State) throws(ContractError) {
    switch message {
    case .pending: self = .pending
    case .approved: self = .approved
    case .denied: self = .denied
    case .timedOut: self = .timedOut
    case .canceled: self = .canceled
    case .UNRECOGNIZED: throw Field.outOfRange("state", Self.allCases.map(\.rawValue))
    }
  }
}

extension ApprovalProcess.Stage {
  package init(_ message: Vestibule_Model_V1_ApprovalStageProgress) throws(ContractError) {
    self.init(
      Plan(
        timeout: try Field.period(
          message.durationBeforeAutomaticDenial, at: "duration_before_automatic_denial"),
        escalation: try Field.optionalPeriod(
          message.durationBeforeEscalation, at: "duration_before_escalation"),
        approvalsRequired: Int(message.approvalsRequired)),
      openedAt: try Field.optionalInstant(message.hasOpenedAt ? message.openedAt : nil, at: "opened_at"),
      isEscalated: message.isEscalated,
      decisions: try Field.each(message.decisions, at: "decisions") { decision throws(ContractError) in
        try ApprovalProcess.Decision(decision)
      },
      reassignments: try Field.each(message.reassignments, at: "reassignments") {
        reassignment throws(ContractError) in try ApprovalProcess.Reassignment(reassignment)
      })
  }
}

extension ApprovalProcess.Reassignment {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalReassignment) throws(ContractError) {
    self.init(
      by: try Administrator(message.reassignedBy, at: "reassigned_by"),
      approvers: try Field.ids(message.approvers, at: "approvers"), justification: message.justification,
      at: try Field.instant(message.hasReassignedAt ? message.reassignedAt : nil, at: "reassigned_at"))
  }
}

extension ApprovalProcess.Decision {
  package init(_ message: Vestibule_Model_V1_ApprovalDecision) throws(ContractError) {
    self.init(
      verdict: try ApprovalProcess.Verdict(message.verdict),
      by: try Field.id(message.decidedBy, at: "decided_by"),
      onBehalfOf: try Field.optionalID(message.onBehalfOf, at: "on_behalf_of"),
      capacity: try ApprovalProcess.Capacity(text: message.capacity), justification: message.justification,
      endsAt: try Field.optionalInstant(
        message.hasEndDateTime ? message.endDateTime : nil, at: "end_date_time"),
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
    answers = approval.answers.map(Vestibule_Model_V1_Answer.init)
    openedAt = Google_Protobuf_Timestamp(approval.openedAt)
    stages = approval.stages.map(Vestibule_Model_V1_ApprovalStageProgress.init)
    stage = Int32(approval.currentStage + 1)
    if let made = approval.revocation { revocation = Vestibule_Model_V1_ApprovalRevocation(made) }
    if approval.state == .pending, let end = approval.stages[approval.currentStage].expiresAt {
      expiresAt = Google_Protobuf_Timestamp(end)
    }
  }
}

extension Vestibule_Model_V1_ApprovalStageProgress {
  package init(_ stage: ApprovalProcess.Stage) {
    self.init()
    durationBeforeAutomaticDenial = stage.plan.timeout.iso
    durationBeforeEscalation = stage.plan.escalation?.iso ?? ""
    approvalsRequired = Int32(stage.plan.approvalsRequired)
    if let opened = stage.openedAt { openedAt = Google_Protobuf_Timestamp(opened) }
    isEscalated = stage.isEscalated
    decisions = stage.decisions.map(Vestibule_Model_V1_ApprovalDecision.init)
    reassignments = stage.reassignments.map(Vestibule_Model_V1_ApprovalReassignment.init)
  }
}

extension Vestibule_Model_V1_ApprovalReassignment {
  fileprivate init(_ reassignment: ApprovalProcess.Reassignment) {
    self.init()
    reassignedBy = Vestibule_Model_V1_Administrator(reassignment.by)
    (approvers, justification) = (reassignment.approvers.map(\.text), reassignment.justification)
    reassignedAt = Google_Protobuf_Timestamp(reassignment.at)
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
    onBehalfOf = decision.onBehalfOf?.text ?? ""
    if let end = decision.endsAt { endDateTime = Google_Protobuf_Timestamp(end) }
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
