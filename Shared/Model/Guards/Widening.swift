package import Foundation

/// How a change lets more people in, for longer, or with less say of others (decision 17). It counts where the package
/// holds a privileged resource.
package enum Widening: String, Sendable, Hashable, CaseIterable, Comparable {
  case audienceWider, approvalRemoved, approvalWeaker, termLonger, roleAdded, privilegeRemoved

  package static func < (left: Widening, right: Widening) -> Bool { left.rawValue < right.rawValue }

  /// What a policy's new state widens against its old one; nil for a policy that is new.
  package static func of(
    _ old: AssignmentPolicy?, to new: AssignmentPolicy, at now: Date
  ) -> Set<Widening> {
    if new.isDisabled { return [] }
    var widenings: Set<Widening> = new.opensMore(than: old) ? [.audienceWider] : []
    guard let old, !old.isDisabled else { return widenings }
    if new.onBehalf.isFirstStage, !old.onBehalf.isFirstStage { widenings.insert(.approvalWeaker) }
    if new.approval.dropsApproval(of: old.approval) { widenings.insert(.approvalRemoved) }
    if new.approval.isWeaker(than: old.approval) { widenings.insert(.approvalWeaker) }
    if new.lasts(longerThan: old, from: now) { widenings.insert(.termLonger) }
    return widenings
  }

  /// What an organization's new state widens: those who could not ask before can now, where these policies let it. They are
  /// its people, or those who come from where nobody counted as one of them.
  package static func of(
    _ old: ConnectedOrganization?, to new: ConnectedOrganization, policies: some Sequence<AssignmentPolicy>
  ) -> Set<Widening> {
    let lets = policies.contains { policy in
      guard !policy.isDisabled, policy.allowedTargets.mean(new) else { return false }
      guard let old, policy.allowedTargets.mean(old) else { return true }
      return !new.identitySources.allSatisfy(old.claims)
    }
    return lets ? [.audienceWider] : []
  }

  /// What a package's new state widens. A package that is new gives nobody anything before it has a policy.
  package static func of(
    _ old: AccessPackage?, to new: AccessPackage, privileged: Set<UUID>
  ) -> Set<Widening> {
    guard let old, new.resourceRoles.contains(where: { privileged.contains($0.resource) }) else { return [] }
    func roles(_ package: AccessPackage) -> Set<[String]> {
      Set(package.resourceRoles.map { [$0.resource.uuidString, $0.role] })
    }
    return roles(new).isSubset(of: roles(old)) ? [] : [.roleAdded]
  }
}

extension AssignmentPolicy {
  /// Whether somebody may ask, or be asked for, by it who could not by the old one; nil for a policy that is new.
  package func opensMore(than old: AssignmentPolicy?) -> Bool {
    if isDisabled { return false }
    // Where nobody may ask, administrators assign one by one.
    guard let old, !old.isDisabled else { return allowedTargets != .notSpecified }
    return !old.allowedTargets.includes(allowedTargets) || (maySelfAdd && !old.maySelfAdd)
      || onBehalf.opensMore(than: old.onBehalf)
  }

  fileprivate func lasts(longerThan old: AssignmentPolicy, from now: Date) -> Bool {
    func total(_ policy: AssignmentPolicy) -> Date {
      policy.maximumTotalDuration.map { now + $0 } ?? .distantFuture
    }
    return expiration.end(from: now) > old.expiration.end(from: now)
      || (maySelfUpdate && (!old.maySelfUpdate || total(self) > total(old)))
  }
}

extension OnBehalf {
  /// Whether somebody may do for others what they could not.
  fileprivate func opensMore(than old: Self) -> Bool {
    let isOpen = mayAdd || mayUpdate
    return isOpen
      && ((mayAdd && !old.mayAdd) || (mayUpdate && !old.mayUpdate)
        || !Set(requestors).isSubset(of: old.requestors))
  }
}

extension AssignmentPolicy.Expiration {
  fileprivate func end(from now: Date) -> Date {
    switch self {
    case .never: .distantFuture
    case .at(let end): end
    case .after(let period): now + period
    }
  }
}

extension AssignmentPolicy.AllowedTargets {
  /// Whether they are people of other organizations.
  package var areExternal: Bool {
    switch self {
    case .connectedOrganizations, .allConfiguredConnectedOrganizations, .allExternalUsers: true
    case .notSpecified, .subjects, .allMembers, .allDirectoryUsers: false
    }
  }

  /// Whether everybody whom the other means is meant by this one, as far as the two themselves say.
  package func includes(_ other: Self) -> Bool {
    if self == other { return true }
    switch (self, other) {
    case (_, .notSpecified): return true
    case (.subjects(let all, groups: let allGroups), .subjects(let some, groups: let someGroups)):
      return some.isSubset(of: all) && someGroups.isSubset(of: allGroups)
    case (.connectedOrganizations(let all), .connectedOrganizations(let some)):
      return some.isSubset(of: all)
    case (.allConfiguredConnectedOrganizations, .connectedOrganizations),
      (.allExternalUsers, .connectedOrganizations), (.allExternalUsers, .allConfiguredConnectedOrganizations),
      (.allDirectoryUsers, .allMembers):
      return true
    case (.notSpecified, _), (.subjects, _), (.connectedOrganizations, _), (.allMembers, _),
      (.allDirectoryUsers, _), (.allConfiguredConnectedOrganizations, _), (.allExternalUsers, _):
      return false
    }
  }
}

extension AssignmentPolicy.Approval {
  /// Whether nobody is asked any more where somebody was.
  package func dropsApproval(of old: Self) -> Bool {
    (old.requiredForAdd && !requiredForAdd) || (old.requiredForUpdate && !requiredForUpdate)
  }

  /// Whether less is asked of fewer, or others may say yes who could not.
  package func isWeaker(than old: Self) -> Bool {
    guard old.requiredForAdd || old.requiredForUpdate, requiredForAdd || requiredForUpdate else {
      return false
    }
    return stages.count < old.stages.count
      || (old.requestorJustificationRequired && !requestorJustificationRequired)
      || (administratorsMayDecide && !old.administratorsMayDecide)
      || zip(stages, old.stages).contains { $0.isWeaker(than: $1) }
  }
}

extension AssignmentPolicy.Stage {
  fileprivate func isWeaker(than old: Self) -> Bool {
    approvalsRequired < old.approvalsRequired
      || (old.approverJustificationRequired && !approverJustificationRequired)
      || !Set(approvers).isSubset(of: old.approvers)
      || !Set(fallbackApprovers).isSubset(of: old.approvers + old.fallbackApprovers)
      || !Set(others).isSubset(of: old.approvers + old.fallbackApprovers + old.others)
  }

  private var others: [AssignmentPolicy.Approver] {
    (escalation?.approvers ?? []) + (escalation?.fallbackApprovers ?? [])
  }
}

extension ConnectedOrganization {
  /// Whether whoever comes from there is one of its people anyway.
  fileprivate func claims(_ source: IdentitySource) -> Bool { identitySources.contains { $0.covers(source) } }
}

extension IdentitySource {
  fileprivate func covers(_ other: IdentitySource) -> Bool {
    switch (self, other) {
    case (.issuer(let all), .issuer(let some)): return all == some
    case (
      .domain(let all, includeSubdomains: let reachesDown), .domain(let some, includeSubdomains: let isWide)
    ):
      return all == some ? reachesDown || !isWide : reachesDown && some.isWithin(all)
    case (.issuer, .domain), (.domain, .issuer): return false
    }
  }
}

extension AssignmentPolicy.AllowedTargets {
  /// Whether an organization's people may ask because it is named or configured. What says no organization does not depend
  /// on one.
  fileprivate func mean(_ organization: ConnectedOrganization) -> Bool {
    switch self {
    case .allConfiguredConnectedOrganizations: organization.state == .configured
    case .connectedOrganizations(let named): organization.state != .ended && named.contains(organization.id)
    case .notSpecified, .subjects, .allMembers, .allDirectoryUsers, .allExternalUsers: false
    }
  }
}
