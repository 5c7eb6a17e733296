import EntitlementModel
import Foundation
import Protocols

extension Vestibule_Model_V1_AssignmentPolicy {
  func check(_ findings: inout Findings) {
    findings.id(accessPackage, "access_package")
    findings.description(displayName: displayName, description: description_p)
    checkTargets(&findings)
    findings.within("expiration") { expiration.check(&$0) }
    findings.within("requestor_settings") { requestorSettings.check(isForOutside: isForOutside, &$0) }
    findings.within("request_approval_settings") {
      requestApprovalSettings.check(isForOutside: isForOutside, &$0)
    }
    if questions.count > QuestionRules.mostQuestions {
      findings.add(.tooManyItems, "questions", "at most \(QuestionRules.mostQuestions) questions")
    }
    findings.each(questions, at: "questions") { question, findings in question.check(&findings) }
    findings.unique(questions.map(\.id), "questions")
    findings.atMost(TermsRules.mostOfPolicy, of: terms, "terms")
    findings.ids(terms, "terms")
    if !maximumTotalDuration.isEmpty {
      findings.period(
        maximumTotalDuration, "maximum_total_duration", 1...Durations.longest, expected: Durations.expected)
    }
  }

  private var isForOutside: Bool {
    switch allowedTargetScope {
    case .specificConnectedOrganizationUsers, .allConfiguredConnectedOrganizationUsers, .allExternalUsers:
      true
    case .notSpecified, .specificDirectoryUsers, .specificDirectoryServicePrincipals, .allMemberUsers,
      .allDirectoryUsers, .allDirectoryServicePrincipals, .UNRECOGNIZED:
      false
    }
  }

  private func checkTargets(_ findings: inout Findings) {
    switch allowedTargetScope {
    case .specificConnectedOrganizationUsers, .specificDirectoryUsers:
      if specificAllowedTargets.isEmpty, specificAllowedGroups.isEmpty {
        findings.add(
          .required, "specific_allowed_targets", "the organizations, or the people, that are meant")
      }
      findings.atMost(MostOfObject.items, of: specificAllowedTargets, "specific_allowed_targets")
      findings.ids(specificAllowedTargets, "specific_allowed_targets")
      findings.ids(specificAllowedGroups.map(\.group), "specific_allowed_groups")
    case .notSpecified, .allMemberUsers, .allDirectoryUsers, .allConfiguredConnectedOrganizationUsers,
      .allExternalUsers:
      if !specificAllowedTargets.isEmpty {
        findings.add(.outOfRange, "specific_allowed_targets", "none, unless the scope is a specific one")
      }
    case .specificDirectoryServicePrincipals, .allDirectoryServicePrincipals, .UNRECOGNIZED:
      findings.add(Field.outOfRange("allowed_target_scope", AssignmentPolicy.AllowedTargets.names))
    }
    if allowedTargetScope != .specificDirectoryUsers, !specificAllowedGroups.isEmpty {
      findings.add(.outOfRange, "specific_allowed_groups", "none, unless the scope is specificDirectoryUsers")
    }
    checkException(&findings)
  }

  /// Everybody outside needs approval, unless an administrator of the tenant answers for it.
  private func checkException(_ findings: inout Findings) {
    let isNeeded =
      allowedTargetScope == .allExternalUsers && !requestApprovalSettings.isApprovalRequiredForAdd
    if isNeeded, !hasApprovalException {
      findings.add(
        .required, "request_approval_settings.is_approval_required_for_add",
        "true: a policy for everybody outside requires approval, unless an administrator of the tenant signs an approval_exception"
      )
    }
    guard hasApprovalException else { return }
    if !isNeeded {
      findings.add(
        .outOfRange, "approval_exception", "unset, unless everybody outside may ask without approval")
    }
    findings.text(
      approvalException.reason.trimmingCharacters(in: .whitespacesAndNewlines), "approval_exception.reason",
      limit: Limits.justification, isRequired: true)
  }
}

extension Vestibule_Model_V1_Expiration {
  fileprivate func check(_ findings: inout Findings) {
    findings.note { () throws(ContractError) in try AssignmentPolicy.Expiration(self) }
    if type != .afterDateTime, hasEndDateTime {
      findings.add(.outOfRange, "end_date_time", "unset, unless the type is afterDateTime")
    }
    if type != .afterDuration, !duration.isEmpty {
      findings.add(.outOfRange, "duration", "empty, unless the type is afterDuration")
    }
    if type == .afterDuration, let period = Period(iso: duration),
      !(1...Durations.longest).contains(period.minimumSeconds)
    {
      findings.add(.outOfRange, "duration", Durations.expected)
    }
  }
}

/// How long access, and the wait before a deletion, may last.
enum Durations {
  static let longest = 3_660 * 86_400
  static let expected = "more than nothing, at most P3660D"
}
