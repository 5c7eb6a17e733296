package import Foundation

/// Who may decide (decisions 14 and 15): looked up when it matters, never written down beforehand.
package struct ApproverResolution: Sendable {
  private let stage: AssignmentPolicy.Stage
  private let organization: ConnectedOrganization?

  /// - Parameter organization: the request's, as it is now.
  package init(_ stage: AssignmentPolicy.Stage, organization: ConnectedOrganization?) {
    (self.stage, self.organization) = (stage, organization)
  }

  /// In which capacity `caller` may decide; nil for none. Fallback approvers count only when none of those whom they
  /// stand in for can be found, escalation approvers only once the stage has been escalated.
  package func capacity(
    of caller: UUID, from callersOrganization: UUID?, isEscalated: Bool
  ) -> ApprovalProcess.Capacity? {
    if let own = role(of: caller, from: callersOrganization, among: stage.approvers) { return own }
    if found(stage.approvers).isEmpty, stage.fallbackApprovers.contains(.singleUser(caller)) {
      return .fallback
    }
    guard isEscalated, let escalation = stage.escalation else { return nil }
    if role(of: caller, from: callersOrganization, among: escalation.approvers) != nil { return .escalation }
    let standsIn = escalation.fallbackApprovers.contains(.singleUser(caller))
    return standsIn && found(escalation.approvers).isEmpty ? .fallback : nil
  }

  private func role(
    of caller: UUID, from callersOrganization: UUID?, among approvers: [AssignmentPolicy.Approver]
  ) -> ApprovalProcess.Capacity? {
    for approver in approvers {
      switch approver {
      case .singleUser(let user) where user == caller: return .singleUser
      case .internalSponsors where organization?.internalSponsors.contains(caller) == true:
        return .internalSponsor
      case .externalSponsors
      where organization?.externalSponsors.contains(caller) == true && callersOrganization == organization?.id:
        return .externalSponsor
      case .singleUser, .internalSponsors, .externalSponsors: continue
      }
    }
    return nil
  }

  /// Those of them who can be found now.
  private func found(_ approvers: [AssignmentPolicy.Approver]) -> Set<UUID> {
    approvers.reduce(into: []) { found, approver in
      switch approver {
      case .singleUser(let user): found.insert(user)
      case .internalSponsors: found.formUnion(organization?.internalSponsors ?? [])
      case .externalSponsors: found.formUnion(organization?.externalSponsors ?? [])
      }
    }
  }
}
