import EntitlementModel
import Protocols

/// The rules of a stage (decision 13) and of who is asked when nobody can be (decision 15).
extension Vestibule_Model_V1_ApprovalSettings {
  func check(_ findings: inout Findings) {
    let isRequired = isApprovalRequiredForAdd || isApprovalRequiredForUpdate
    if isRequired, stages.isEmpty {
      findings.add(.required, "stages", "one to three stages, as approval is required")
    }
    if !isRequired, !stages.isEmpty {
      findings.add(.outOfRange, "stages", "none, as no approval is required")
    }
    if stages.count > ApprovalStageRules.mostStages {
      findings.add(.tooManyItems, "stages", "at most \(ApprovalStageRules.mostStages) stages")
    }
    findings.each(stages, at: "stages") { stage, findings in stage.check(&findings) }
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
    if !(0...ApprovalStageRules.mostApprovers).contains(Int(approvalsRequired)) {
      findings.add(.outOfRange, "approvals_required", "1 to \(ApprovalStageRules.mostApprovers)")
    } else if !asked.contains(where: \.isSponsors), Int(approvalsRequired) > max(1, asked.count) {
      findings.add(.outOfRange, "approvals_required", "no more than are asked")
    }
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
    if wait.minimumSeconds < ApprovalStageRules.timeout.lowerBound
      || wait.minimumSeconds >= end.minimumSeconds
    {
      findings.add(
        .outOfRange, "duration_before_escalation",
        "at least 1 minute, and shorter than duration_before_automatic_denial")
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

  /// Those who are asked, and those who stand in for them: named people, required where sponsors may not be found.
  private static func check(
    _ asked: [Vestibule_Model_V1_SubjectSet], _ field: String, _ fallback: [Vestibule_Model_V1_SubjectSet],
    _ fallbackField: String, _ findings: inout Findings
  ) {
    if asked.isEmpty { findings.add(.required, field, "who is asked") }
    check(asked, at: field, &findings)
    check(fallback, at: fallbackField, &findings)
    if asked.contains(where: \.isSponsors), fallback.isEmpty {
      findings.add(.required, fallbackField, "who is asked when no sponsor can be found")
    }
    for (index, set) in fallback.enumerated() where set.isSponsors {
      findings.add(.outOfRange, "\(fallbackField)[\(index)]", "single_user")
    }
  }

  private static func check(
    _ approvers: [Vestibule_Model_V1_SubjectSet], at field: String, _ findings: inout Findings
  ) {
    if approvers.count > ApprovalStageRules.mostApprovers {
      findings.add(.tooManyItems, field, "at most \(ApprovalStageRules.mostApprovers) approvers")
    }
    findings.each(approvers, at: field) { set, findings in set.check(&findings) }
  }
}

extension Vestibule_Model_V1_SubjectSet {
  fileprivate var isSponsors: Bool {
    switch members {
    case .internalSponsors, .externalSponsors: true
    case .singleUser, nil: false
    }
  }

  fileprivate func check(_ findings: inout Findings) {
    switch members {
    case .singleUser(let user): findings.id(user.subject, "single_user.subject")
    case .internalSponsors, .externalSponsors: break
    case nil: findings.add(.required, "", "single_user, internal_sponsors, external_sponsors")
    }
  }
}
