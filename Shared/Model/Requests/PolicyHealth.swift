package import Foundation

/// A stage of a policy in which nobody can be found who decides, for the people of some organizations (decision 15).
package struct DeadStage: Sendable, Hashable {
  /// From 0.
  package let stage: Int
  package let absences: [ApproverAbsence]
  /// Nil stands for people of none.
  package let organizations: [UUID?]
}

extension AssignmentPolicy {
  /// Where nobody could decide now, whether anything waits or not. Of a stage that depends on who asks, or for whom, it is
  /// said whether anybody decides for those who have no manager, or nobody to answer for them.
  ///
  /// - Parameter around: those around a request of an organization's people, or of people of none.
  package func deadStages(
    among organizations: [ConnectedOrganization], around: (ConnectedOrganization?) -> RequestSurroundings
  ) -> [DeadStage] {
    guard !isDisabled else { return [] }
    let audience = audience(among: organizations)
    return approval.stages.enumerated().compactMap { number, stage in
      // Sponsors only add to those who are found for people of no organization.
      guard ApproverResolution(stage, around: around(nil)).absence(isEscalated: false) != nil else {
        return nil
      }
      let dead = audience.compactMap { organization in
        ApproverResolution(stage, around: around(organization)).absence(isEscalated: false)
          .map { (organization?.id, $0) }
      }
      if dead.isEmpty { return nil }
      return DeadStage(
        stage: number, absences: Set(dead.flatMap(\.1)).sorted(), organizations: dead.map(\.0))
    }
  }

  private func audience(among organizations: [ConnectedOrganization]) -> [ConnectedOrganization?] {
    switch allowedTargets {
    case .connectedOrganizations(let named):
      organizations.filter { named.contains($0.id) && $0.state != .ended }
    case .allConfiguredConnectedOrganizations: organizations.filter { $0.state == .configured }
    case .allExternalUsers: organizations.filter { $0.state != .ended } + [nil]
    case .subjects, .allMembers, .allDirectoryUsers: [nil]
    case .notSpecified: []
    }
  }
}

extension ConnectedOrganization {
  /// A partner should not depend on one person.
  package static let wantedSponsors = 2

  /// Those who answer for it, on either side, and may act.
  ///
  /// - Parameters:
  ///   - members: some who may act of each group that answers for it.
  ///   - mayAct: whether somebody is neither barred nor has left.
  package func activeSponsors(members: [String: Set<UUID>], _ mayAct: (UUID) -> Bool) -> Set<UUID> {
    let named = Set((internalSponsors + externalSponsors).filter(mayAct))
    return sponsorGroups.reduce(into: named) { $0.formUnion(members[$1] ?? []) }
  }
}
