package import Foundation

/// The people around a request, as far as its stages ask for them; looked up now, without those who may not act.
package struct RequestSurroundings: Sendable, Hashable {
  package var organization: ConnectedOrganization?
  /// Above the requestor: 1 is the manager, 2 the manager's manager.
  package var managers: [Int: UUID]
  /// Those who answer for the target.
  package var targetSponsors: Set<UUID>
  package var groups: GroupSight

  /// - Parameter organization: the request's, as it is now.
  package init(
    organization: ConnectedOrganization?, managers: [Int: UUID] = [:], targetSponsors: Set<UUID> = [],
    groups: GroupSight = GroupSight()
  ) {
    (self.organization, self.managers, self.targetSponsors) = (organization, managers, targetSponsors)
    self.groups = groups
  }
}

/// What is known of the groups that stages name.
package struct GroupSight: Sendable, Hashable {
  /// Those in which there is anybody who may act.
  package var populated: Set<String>
  /// The groups of those of whom it is asked.
  package var memberships: [UUID: Set<String>]

  package init(populated: Set<String> = [], memberships: [UUID: Set<String>] = [:]) {
    (self.populated, self.memberships) = (populated, memberships)
  }
}

/// Who may decide (decisions 14 and 15): looked up when it matters, never written down beforehand.
package struct ApproverResolution: Sendable {
  private let stage: AssignmentPolicy.Stage
  private let surroundings: RequestSurroundings

  package init(_ stage: AssignmentPolicy.Stage, around surroundings: RequestSurroundings) {
    (self.stage, self.surroundings) = (stage, surroundings)
  }

  /// In which capacity `caller` may decide; nil for none. Fallback approvers count only when none of those whom they
  /// stand in for can be found, escalation approvers only once the stage has been escalated.
  package func capacity(
    of caller: UUID, from callersOrganization: UUID?, isEscalated: Bool
  ) -> ApprovalProcess.Capacity? {
    if let own = role(of: caller, from: callersOrganization, among: stage.approvers) { return own }
    if isAmong(stage.fallbackApprovers, caller), !canFind(stage.approvers) { return .fallback }
    guard isEscalated, let escalation = stage.escalation else { return nil }
    if role(of: caller, from: callersOrganization, among: escalation.approvers) != nil { return .escalation }
    return isAmong(escalation.fallbackApprovers, caller) && !canFind(escalation.approvers) ? .fallback : nil
  }

  /// Stand-ins are people and groups, whatever their organization.
  private func isAmong(_ standIns: [AssignmentPolicy.Approver], _ caller: UUID) -> Bool {
    role(of: caller, from: nil, among: standIns) != nil
  }

  private func role(
    of caller: UUID, from callersOrganization: UUID?, among approvers: [AssignmentPolicy.Approver]
  ) -> ApprovalProcess.Capacity? {
    let organization = surroundings.organization
    let groups = surroundings.groups.memberships[caller] ?? []
    for approver in approvers {
      switch approver {
      case .singleUser(let user) where user == caller: return .singleUser
      case .internalSponsors where organization?.isInternalSponsor(caller, in: groups) == true:
        return .internalSponsor
      case .externalSponsors
      where organization?.isExternalSponsor(caller, from: callersOrganization, in: groups) == true:
        return .externalSponsor
      case .requestorManager(let level) where surroundings.managers[level] == caller: return .requestorManager
      case .targetUserSponsors where surroundings.targetSponsors.contains(caller): return .targetUserSponsor
      case .groupMembers(let group) where groups.contains(group):
        return .groupMember
      case .singleUser, .internalSponsors, .externalSponsors, .requestorManager, .targetUserSponsors,
        .groupMembers:
        continue
      }
    }
    return nil
  }

  private func canFind(_ sponsors: [UUID]?, _ groups: Set<String>?) -> Bool {
    sponsors?.isEmpty == false || groups.map { !$0.isDisjoint(with: surroundings.groups.populated) } == true
  }

  /// Whether any of them is to be found now.
  private func canFind(_ approvers: [AssignmentPolicy.Approver]) -> Bool {
    approvers.contains { approver in
      switch approver {
      case .singleUser: true
      case .internalSponsors:
        canFind(surroundings.organization?.internalSponsors, surroundings.organization?.internalSponsorGroups)
      case .externalSponsors:
        canFind(surroundings.organization?.externalSponsors, surroundings.organization?.externalSponsorGroups)
      case .requestorManager(let level): surroundings.managers[level] != nil
      case .targetUserSponsors: !surroundings.targetSponsors.isEmpty
      case .groupMembers(let group): surroundings.groups.populated.contains(group)
      }
    }
  }
}
