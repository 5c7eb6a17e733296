package import EntitlementModel
package import Protocols

extension AssignmentPolicy.Approval {
  init(_ message: Vestibule_Model_V1_ApprovalSettings, at field: String) throws(ContractError) {
    do { try self.init(message) } catch { throw error.within(field) }
  }

  package init(_ message: Vestibule_Model_V1_ApprovalSettings) throws(ContractError) {
    self.init(
      requiredForAdd: message.isApprovalRequiredForAdd,
      requiredForUpdate: message.isApprovalRequiredForUpdate,
      requestorJustificationRequired: message.isRequestorJustificationRequired,
      stages: try Field.each(message.stages, at: "stages") { stage throws(ContractError) in
        try AssignmentPolicy.Stage(stage)
      }, administratorsMayDecide: message.administratorsMayDecide)
  }
}

extension AssignmentPolicy.Stage {
  package init(_ message: Vestibule_Model_V1_ApprovalStage) throws(ContractError) {
    self.init(
      timeout: try Field.period(
        message.durationBeforeAutomaticDenial, at: "duration_before_automatic_denial"),
      approvers: try AssignmentPolicy.Approver.each(message.primaryApprovers, at: "primary_approvers"),
      fallbackApprovers: try AssignmentPolicy.Approver.each(
        message.fallbackPrimaryApprovers, at: "fallback_primary_approvers"),
      escalation: message.isEscalationEnabled ? try AssignmentPolicy.Escalation(message) : nil,
      approvalsRequired: max(1, Int(message.approvalsRequired)),
      approverJustificationRequired: message.isApproverJustificationRequired,
      approverVisibility: try AssignmentPolicy.ApproverVisibility(
        message.approverInformationVisibility, at: "approver_information_visibility"))
  }
}

extension AssignmentPolicy.Escalation {
  fileprivate init(_ message: Vestibule_Model_V1_ApprovalStage) throws(ContractError) {
    self.init(
      after: try Field.period(message.durationBeforeEscalation, at: "duration_before_escalation"),
      approvers: try AssignmentPolicy.Approver.each(message.escalationApprovers, at: "escalation_approvers"),
      fallbackApprovers: try AssignmentPolicy.Approver.each(
        message.fallbackEscalationApprovers, at: "fallback_escalation_approvers"))
  }
}

extension AssignmentPolicy.Approver {
  static func each(
    _ sets: [Vestibule_Model_V1_SubjectSet], at field: String
  ) throws(ContractError) -> [AssignmentPolicy.Approver] {
    try Field.each(sets, at: field) { set throws(ContractError) in try AssignmentPolicy.Approver(set) }
  }

  package init(_ message: Vestibule_Model_V1_SubjectSet) throws(ContractError) {
    switch message.members {
    case .singleUser(let user): self = .singleUser(try Field.id(user.subject, at: "single_user.subject"))
    case .internalSponsors: self = .internalSponsors
    case .externalSponsors: self = .externalSponsors
    case .requestorManager(let manager):
      guard let level = manager.level else {
        throw Field.outOfRange("requestor_manager.manager_level", ["1", "2"])
      }
      self = .requestorManager(level: level)
    case .targetUserSponsors: self = .targetUserSponsors
    case .groupMembers(let members): self = .groupMembers(members.originID)
    case .targetManager, nil: throw Field.required("", Vestibule_Model_V1_SubjectSet.kinds)
    }
  }
}

extension Vestibule_Model_V1_SubjectSet {
  static let kinds =
    "single_user, internal_sponsors, external_sponsors, requestor_manager, target_user_sponsors, group_members"
  /// Those who may ask for others.
  static let requestorKinds =
    "single_user, internal_sponsors, external_sponsors, target_manager, group_members"
}

extension Vestibule_Model_V1_SubjectSet.TargetManager {
  /// Nil for one that is none.
  var level: Int? {
    (0...2).contains(managerLevel) ? max(1, Int(managerLevel)) : nil
  }
}

extension Vestibule_Model_V1_SubjectSet.RequestorManager {
  /// Nil for one that is none.
  var level: Int? {
    (0...2).contains(managerLevel) ? max(1, Int(managerLevel)) : nil
  }
}

extension AssignmentPolicy.ApproverVisibility {
  package init(
    _ message: Vestibule_Model_V1_ApproverInformationVisibility, at field: String
  ) throws(ContractError) {
    switch message {
    case .default: self = .tenantDefault
    case .visible: self = .visible
    case .notVisible: self = .notVisible
    case .UNRECOGNIZED: throw Field.outOfRange(field, ["default", "notVisible", "visible"])
    }
  }
}
