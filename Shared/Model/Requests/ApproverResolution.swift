package import Foundation

/// The people around a request, as far as its stages ask for them; looked up now, without those who may not act.
package struct RequestSurroundings: Sendable, Hashable {
  package var organization: ConnectedOrganization?
  /// Above the requestor: 1 is the manager, 2 the manager's manager.
  package var managers: [Int: UUID]
  /// Those who answer for the target.
  package var targetSponsors: Set<UUID>
  package var groups: GroupSight
  /// Those of the people named in stages who may not act; everywhere else they are left out.
  package var hindered: Set<UUID>
  /// The partner's sponsors who belong to another organization by now.
  package var elsewhere: Set<UUID>

  /// - Parameter organization: the request's, as it is now.
  package init(
    organization: ConnectedOrganization?, managers: [Int: UUID] = [:], targetSponsors: Set<UUID> = [],
    groups: GroupSight = GroupSight(), hindered: Set<UUID> = [], elsewhere: Set<UUID> = []
  ) {
    (self.organization, self.managers, self.targetSponsors) = (organization, managers, targetSponsors)
    (self.groups, self.hindered, self.elsewhere) = (groups, hindered, elsewhere)
  }
}

/// What is known of the groups that stages name.
package struct GroupSight: Sendable, Hashable {
  /// Those in which there is anybody who may act.
  package var populated: Set<String>
  /// Everybody who may act in those of them in which there are few such people.
  package var few: [String: Set<UUID>]
  /// The groups of those of whom it is asked.
  package var memberships: [UUID: Set<String>]

  package init(
    populated: Set<String> = [], few: [String: Set<UUID>] = [:], memberships: [UUID: Set<String>] = [:]
  ) {
    (self.populated, self.few, self.memberships) = (populated, few, memberships)
  }

  /// Whether there is anybody in a group who may act besides these people.
  func isPopulated(_ group: String, except people: Set<UUID>) -> Bool {
    populated.contains(group) && !(few[group]?.isSubset(of: people) ?? false)
  }
}

/// Who may decide (decisions 14 and 15): looked up when it matters, never written down beforehand.
package struct ApproverResolution: Sendable {
  let stage: AssignmentPolicy.Stage
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
      where organization?.isExternalSponsor(caller, from: callersOrganization, in: groups) == true
        && !surroundings.elsewhere.contains(caller):
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

  /// Whether any of them is to be found now.
  ///
  /// - Parameter involved: people who do not count.
  func canFind(_ approvers: [AssignmentPolicy.Approver], except involved: Set<UUID> = []) -> Bool {
    let organization = surroundings.organization
    return approvers.contains { approver in
      switch approver {
      case .singleUser(let user): !surroundings.hindered.contains(user) && !involved.contains(user)
      case .internalSponsors:
        counts(organization?.internalSponsors ?? [], organization?.internalSponsorGroups, except: involved)
      case .externalSponsors:
        counts(
          organization?.externalSponsors ?? [], organization?.externalSponsorGroups,
          except: involved.union(surroundings.elsewhere))
      case .requestorManager(let level):
        counts([surroundings.managers[level]].compactMap(\.self), except: involved)
      case .targetUserSponsors: counts(surroundings.targetSponsors, except: involved)
      case .groupMembers(let group): surroundings.groups.isPopulated(group, except: involved)
      }
    }
  }

  private func counts(
    _ people: some Sequence<UUID>, _ groups: Set<String>? = nil, except involved: Set<UUID>
  ) -> Bool {
    people.contains { !involved.contains($0) }
      || (groups ?? []).contains { surroundings.groups.isPopulated($0, except: involved) }
  }
}
