import EntitlementModel
import Protocols

/// The rules of a stage (decision 13) and of who is asked when nobody can be (decision 15).
extension Vestibule_Model_V1_ApprovalSettings {
  func check(_ findings: inout Findings) {
    let isRequired = isApprovalRequiredForAdd || isApprovalRequiredForUpdate
    if isRequired, stages.isEmpty {
      findings.add(.required, "stages", "one stage, as approval is required")
    }
    if !isRequired, !stages.isEmpty {
      findings.add(.outOfRange, "stages", "none, as no approval is required")
    }
    if stages.count > ApprovalStageRules.mostStages {
      findings.add(.tooManyItems, "stages", "one stage")
    }
    findings.each(stages, at: "stages") { stage, findings in stage.check(&findings) }
  }
}

private enum ApprovalStageRules {
  /// Decision 13 allows three; a second stage would be stored and never asked, so it is refused until it is.
  static let mostStages = 1
  static let mostApprovers = 100
  static let timeout = 60...180 * 86_400
}

extension Vestibule_Model_V1_ApprovalStage {
  fileprivate func check(_ findings: inout Findings) {
    findings.period(
      durationBeforeAutomaticDenial, "duration_before_automatic_denial", ApprovalStageRules.timeout,
      expected: "1 minute to 180 days")
    if primaryApprovers.isEmpty {
      findings.add(.required, "primary_approvers", "who is asked")
    }
    Self.check(primaryApprovers, at: "primary_approvers", &findings)
    Self.check(fallbackPrimaryApprovers, at: "fallback_primary_approvers", &findings)
    checkFallback(&findings)
  }

  private func checkFallback(_ findings: inout Findings) {
    if primaryApprovers.contains(where: \.isSponsors), fallbackPrimaryApprovers.isEmpty {
      findings.add(.required, "fallback_primary_approvers", "who is asked when no sponsor can be found")
    }
    for (index, set) in fallbackPrimaryApprovers.enumerated() where set.isSponsors {
      findings.add(.outOfRange, "fallback_primary_approvers[\(index)]", "single_user")
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
