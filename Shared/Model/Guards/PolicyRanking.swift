package import Foundation

/// What saving a policy does to the others of its package, which administrators are warned of.
package enum PolicyRanking {
  package struct Warning: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
      /// The saved policy counts for those who match both.
      case outranks
      /// They get in with less approval than before.
      case weakensApproval
    }
    package let kind: Kind
    package let policy: UUID

    package init(_ kind: Kind, _ policy: UUID) {
      (self.kind, self.policy) = (kind, policy)
    }
  }

  /// - Parameters:
  ///   - before: the saved policy as it was; nil when it is new.
  ///   - others: the package's other policies.
  package static func warnings(
    saving policy: AssignmentPolicy, before: AssignmentPolicy?, others: [AssignmentPolicy]
  ) -> [Warning] {
    guard !policy.isDisabled, policy.allowedTargets != .notSpecified else { return [] }
    var warnings: [Warning] = []
    if let before,
      policy.approval.dropsApproval(of: before.approval) || policy.approval.isWeaker(than: before.approval)
    {
      warnings.append(Warning(.weakensApproval, policy.id))
    }
    for other in others.sorted(by: { $0.id < $1.id }) where policy.outranks(other) {
      warnings.append(Warning(.outranks, other.id))
      if policy.approval.asksLess(than: other.approval) {
        warnings.append(Warning(.weakensApproval, other.id))
      }
    }
    return warnings
  }
}

extension AssignmentPolicy {
  /// Of several policies the strictest tier counts.
  fileprivate func outranks(_ other: AssignmentPolicy) -> Bool {
    !other.isDisabled && other.allowedTargets != .notSpecified
      && allowedTargets.tier < other.allowedTargets.tier && allowedTargets.mayMeet(other.allowedTargets)
  }
}

extension AssignmentPolicy.AllowedTargets {
  /// Whether somebody could be meant by both.
  fileprivate func mayMeet(_ other: Self) -> Bool {
    switch (self, other) {
    case (.notSpecified, _), (_, .notSpecified): false
    case (.allMembers, .connectedOrganizations), (.allMembers, .allConfiguredConnectedOrganizations),
      (.allMembers, .allExternalUsers), (.connectedOrganizations, .allMembers),
      (.allConfiguredConnectedOrganizations, .allMembers), (.allExternalUsers, .allMembers):
      false
    case (.subjects, _), (.connectedOrganizations, _), (.allMembers, _), (.allDirectoryUsers, _),
      (.allConfiguredConnectedOrganizations, _), (.allExternalUsers, _):
      true
    }
  }
}

extension AssignmentPolicy.Approval {
  fileprivate func asksLess(than other: Self) -> Bool {
    dropsApproval(of: other) || (requiredForAdd && other.requiredForAdd && stages.count < other.stages.count)
  }
}
