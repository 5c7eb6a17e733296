import EntitlementModel
import Protocols

/// The rules of a stage (decision 13) and of who is asked when nobody can be (decision 15).
extension Vestibule_Model_V1_ApprovalSettings {
  /// - Parameter isForOutside: whether the policy is for people from outside.
  func check(isForOutside: Bool, _ findings: inout Findings) {
    let isRequired = isApprovalRequiredForAdd || isApprovalRequiredForUpdate
    if isRequired, stages.isEmpty {
      findings.add(.required, "stages", "one to three stages, as approval is required")
    }
    if !isRequired, !stages.isEmpty {
      findings.add(.outOfRange, "stages", "none, as no approval is required")
    }
    if !isRequired, administratorsMayDecide {
      findings.add(.outOfRange, "administrators_may_decide", "false, as no approval is required")
    }
    if stages.count > ApprovalStageRules.mostStages {
      findings.add(.tooManyItems, "stages", "at most \(ApprovalStageRules.mostStages) stages")
    }
    findings.each(stages, at: "stages") { stage, findings in
      stage.check(&findings)
      if isForOutside { stage.checkNoManagers(&findings) }
    }
  }
}

extension Vestibule_Model_V1_RequestorSettings {
  /// - Parameter isForOutside: whether the policy is for people from outside.
  func check(isForOutside: Bool, _ findings: inout Findings) {
    let isEnabled =
      enableOnBehalfRequestorsToAddAccess || enableOnBehalfRequestorsToUpdateAccess
      || enableOnBehalfRequestorsToRemoveAccess
    if isEnabled, onBehalfRequestors.isEmpty {
      findings.add(.required, "on_behalf_requestors", "who may ask for others")
    }
    if !isEnabled, !onBehalfRequestors.isEmpty {
      findings.add(.outOfRange, "on_behalf_requestors", "none, unless they are let do something")
    }
    if isSponsorSubmissionFirstStage, !enableOnBehalfRequestorsToAddAccess {
      findings.add(
        .outOfRange, "is_sponsor_submission_first_stage",
        "false, unless enable_on_behalf_requestors_to_add_access is true")
    }
    Vestibule_Model_V1_ApprovalStage.check(onBehalfRequestors, at: "on_behalf_requestors", &findings)
    for (index, set) in onBehalfRequestors.enumerated() where !set.mayAskForOthers {
      findings.add(
        .outOfRange, "on_behalf_requestors[\(index)]", Vestibule_Model_V1_SubjectSet.requestorKinds)
    }
    for (index, set) in onBehalfRequestors.enumerated() where isForOutside && set.isTargetManager {
      findings.add(
        .outOfRange, "on_behalf_requestors[\(index)]",
        "sponsors, named people or groups: people from outside have no manager here")
    }
  }
}

private enum ApprovalStageRules {
  static let mostStages = 3
  static let mostApprovers = 100
  static let timeout = 60...180 * 86_400
}

extension Vestibule_Model_V1_ApprovalStage {
  fileprivate func check(_ findings: inout Findings) {
    findings.period(
      durationBeforeAutomaticDenial, "duration_before_automatic_denial", ApprovalStageRules.timeout,
      expected: "1 minute to 180 days")
    Self.check(
      primaryApprovers, "primary_approvers", fallbackPrimaryApprovers, "fallback_primary_approvers", &findings
    )
    if isEscalationEnabled { checkEscalation(&findings) } else { checkNoEscalation(&findings) }
    findings.note { () throws(ContractError) in
      try AssignmentPolicy.ApproverVisibility(
        approverInformationVisibility, at: "approver_information_visibility")
    }
    if !(0...ApprovalStageRules.mostApprovers).contains(Int(approvalsRequired)) {
      findings.add(.outOfRange, "approvals_required", "1 to \(ApprovalStageRules.mostApprovers)")
    } else if !asked.contains(where: \.isSeveral), Int(approvalsRequired) > max(1, Set(asked).count) {
      findings.add(.outOfRange, "approvals_required", "no more than are asked, each counted once")
    }
    checkCount(&findings)
  }

  /// People from outside have no manager here.
  fileprivate func checkNoManagers(_ findings: inout Findings) {
    for (field, sets) in [
      ("primary_approvers", primaryApprovers), ("escalation_approvers", escalationApprovers),
    ] {
      for (index, set) in sets.enumerated() where set.isManager {
        findings.add(
          .outOfRange, "\(field)[\(index)]",
          "internal_sponsors, external_sponsors or target_user_sponsors: people from outside have no manager here"
        )
      }
    }
  }

  /// Of all who are named for it, stand-ins and escalation included.
  private func checkCount(_ findings: inout Findings) {
    let lists = [
      primaryApprovers, fallbackPrimaryApprovers, escalationApprovers, fallbackEscalationApprovers,
    ]
    let most = ApprovalStageRules.mostApprovers
    // A list that is too long by itself has been said.
    guard lists.allSatisfy({ $0.count <= most }), Set(lists.joined()).count > most else { return }
    findings.add(
      .tooManyItems, "primary_approvers",
      "at most \(most) approvers a stage, stand-ins and escalation included")
  }

  private var asked: [Vestibule_Model_V1_SubjectSet] { primaryApprovers + escalationApprovers }

  private func checkEscalation(_ findings: inout Findings) {
    Self.check(
      escalationApprovers, "escalation_approvers", fallbackEscalationApprovers,
      "fallback_escalation_approvers",
      &findings)
    guard
      let wait = findings.note({ () throws(ContractError) in
        try Field.period(durationBeforeEscalation, at: "duration_before_escalation")
      }), let end = Period(iso: durationBeforeAutomaticDenial)
    else { return }
    if wait.minimumSeconds < ApprovalStageRules.timeout.lowerBound || !wait.isAlwaysShorter(than: end) {
      findings.add(
        .outOfRange, "duration_before_escalation",
        "at least 1 minute, and in every month shorter than duration_before_automatic_denial")
    }
  }

  private func checkNoEscalation(_ findings: inout Findings) {
    let isSet = [
      ("duration_before_escalation", !durationBeforeEscalation.isEmpty),
      ("escalation_approvers", !escalationApprovers.isEmpty),
      ("fallback_escalation_approvers", !fallbackEscalationApprovers.isEmpty),
    ]
    for (field, isSet) in isSet where isSet {
      findings.add(.outOfRange, field, "nothing, unless is_escalation_enabled is true")
    }
  }

  /// Those who are asked, and those who stand in for them: named people, required where the others may not be found.
  private static func check(
    _ asked: [Vestibule_Model_V1_SubjectSet], _ field: String, _ fallback: [Vestibule_Model_V1_SubjectSet],
    _ fallbackField: String, _ findings: inout Findings
  ) {
    if asked.isEmpty { findings.add(.required, field, "who is asked") }
    check(asked, at: field, &findings)
    check(fallback, at: fallbackField, &findings)
    for (field, sets) in [(field, asked), (fallbackField, fallback)] {
      for (index, set) in sets.enumerated() where set.isTargetManager {
        findings.add(.outOfRange, "\(field)[\(index)]", Vestibule_Model_V1_SubjectSet.kinds)
      }
    }
    if asked.contains(where: \.mayBeNobody), fallback.isEmpty {
      findings.add(.required, fallbackField, "who is asked when no sponsor or manager can be found")
    }
    for (index, set) in fallback.enumerated() where set.mayBeNobody {
      findings.add(.outOfRange, "\(fallbackField)[\(index)]", "single_user or group_members")
    }
  }

  fileprivate static func check(
    _ approvers: [Vestibule_Model_V1_SubjectSet], at field: String, _ findings: inout Findings
  ) {
    if approvers.count > ApprovalStageRules.mostApprovers {
      findings.add(.tooManyItems, field, "at most \(ApprovalStageRules.mostApprovers) approvers")
    }
    findings.each(approvers, at: field) { set, findings in set.check(&findings) }
  }
}

extension Vestibule_Model_V1_SubjectSet {
  /// Whether it depends on the request who it is, so that it may be nobody.
  fileprivate var mayBeNobody: Bool {
    switch members {
    case .internalSponsors, .externalSponsors, .targetUserSponsors, .requestorManager: true
    case .singleUser, .groupMembers, .targetManager, nil: false
    }
  }

  fileprivate var isSeveral: Bool {
    switch members {
    case .internalSponsors, .externalSponsors, .targetUserSponsors, .groupMembers: true
    case .singleUser, .requestorManager, .targetManager, nil: false
    }
  }

  fileprivate var mayAskForOthers: Bool {
    switch members {
    case .singleUser, .internalSponsors, .externalSponsors, .targetManager, .groupMembers, nil: true
    case .requestorManager, .targetUserSponsors: false
    }
  }

  fileprivate var isManager: Bool {
    if case .requestorManager = members { true } else { false }
  }

  fileprivate var isTargetManager: Bool {
    if case .targetManager = members { true } else { false }
  }

  fileprivate func check(_ findings: inout Findings) {
    switch members {
    case .singleUser(let user): findings.id(user.subject, "single_user.subject")
    case .requestorManager(let manager):
      if manager.level == nil { findings.add(.outOfRange, "requestor_manager.manager_level", "1 or 2") }
    case .targetManager(let manager):
      if manager.level == nil { findings.add(.outOfRange, "target_manager.manager_level", "1 or 2") }
    case .groupMembers(let members): findings.id(members.group, "group_members.group")
    case .internalSponsors, .externalSponsors, .targetUserSponsors: break
    case nil: findings.add(.required, "", Self.kinds)
    }
  }
}
