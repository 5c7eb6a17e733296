package import Foundation

/// The people around a request, as far as its stages ask for them; looked up now, without those who may not act.
package struct RequestSurroundings: Sendable, Hashable {
  package var organization: ConnectedOrganization?
  /// Above the requestor: 1 is the manager, 2 the manager's manager.
  package var managers: [Int: UUID]
  /// Those who answer for the target.
  package var targetSponsors: Set<UUID>

  /// - Parameter organization: the request's, as it is now.
  package init(
    organization: ConnectedOrganization?, managers: [Int: UUID] = [:], targetSponsors: Set<UUID> = []
  ) {
    (self.organization, self.managers, self.targetSponsors) = (organization, managers, targetSponsors)
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
    if stage.fallbackApprovers.contains(.singleUser(caller)), !canFind(stage.approvers) { return .fallback }
    guard isEscalated, let escalation = stage.escalation else { return nil }
    if role(of: caller, from: callersOrganization, among: escalation.approvers) != nil { return .escalation }
    let standsIn = escalation.fallbackApprovers.contains(.singleUser(caller))
    return standsIn && !canFind(escalation.approvers) ? .fallback : nil
  }

  private func role(
    of caller: UUID, from callersOrganization: UUID?, among approvers: [AssignmentPolicy.Approver]
  ) -> ApprovalProcess.Capacity? {
    let organization = surroundings.organization
    for approver in approvers {
      switch approver {
      case .singleUser(let user) where user == caller: return .singleUser
      case .internalSponsors where organization?.internalSponsors.contains(caller) == true:
        return .internalSponsor
      case .externalSponsors
      where organization?.externalSponsors.contains(caller) == true && callersOrganization == organization?.id:
        return .externalSponsor
      case .requestorManager(let level) where surroundings.managers[level] == caller: return .requestorManager
      case .targetUserSponsors where surroundings.targetSponsors.contains(caller): return .targetUserSponsor
      case .singleUser, .internalSponsors, .externalSponsors, .requestorManager, .targetUserSponsors: continue
      }
    }
    return nil
  }

  /// Whether any of them is to be found now.
  private func canFind(_ approvers: [AssignmentPolicy.Approver]) -> Bool {
    approvers.contains { approver in
      switch approver {
      case .singleUser: true
      case .internalSponsors: surroundings.organization?.internalSponsors.isEmpty == false
      case .externalSponsors: surroundings.organization?.externalSponsors.isEmpty == false
      case .requestorManager(let level): surroundings.managers[level] != nil
      case .targetUserSponsors: !surroundings.targetSponsors.isEmpty
      }
    }
  }
}
