package import Foundation

/// That nobody can be found who decides what waits under a policy for the people of one organization, and who sees to it
/// (decision 15): one for all of it, as long as it lasts.
package struct ApprovalRouting: Sendable, Hashable, Identifiable {
  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package private(set) var state: State
  package let accessPackage: UUID
  package let assignmentPolicy: UUID
  /// Nil for what concerns no organization.
  package let organization: UUID?
  package private(set) var finding: Finding
  /// How many requests wait; it moves without being told.
  package private(set) var waiting: Int
  package let openedAt: Date
  package private(set) var resolvedAt: Date?

  package enum State: String, Sendable, CaseIterable { case open, resolved }

  /// A fact about it; the event type is `approval.` and this.
  package enum Event: String, Sendable, CaseIterable {
    /// There is one, or what it says has changed.
    case routed
    /// Somebody can be found again, or nothing waits any more.
    case routingResolved = "routing-resolved"
  }

  /// What is the matter, and who can do what about it.
  package struct Finding: Sendable, Hashable {
    /// The stages in which requests wait for nobody, from 0, in their order.
    package let gaps: [Gap]
    package let routedTo: Recipients
    /// Those of them who are known as people here.
    package let recipients: [UUID]
    package let actions: [Action]

    package init(gaps: [Gap], routedTo: Recipients, recipients: [UUID], actions: [Action]) {
      (self.gaps, self.routedTo, self.recipients, self.actions) = (gaps, routedTo, recipients, actions)
    }
  }

  package struct Gap: Sendable, Hashable {
    package let stage: Int
    package let absences: [ApproverAbsence]

    package init(stage: Int, absences: [ApproverAbsence]) {
      (self.stage, self.absences) = (stage, absences)
    }
  }

  package enum Recipients: String, Sendable, CaseIterable { case catalogOwners, tenantAdministrators }

  package enum Action: String, Sendable, CaseIterable { case nameSponsor, reassign, deny, approve }

  package init(
    id: UUID, tenant: UUID, version: Int = 1, state: State = .open, accessPackage: UUID,
    assignmentPolicy: UUID,
    organization: UUID?, finding: Finding, waiting: Int, openedAt: Date, resolvedAt: Date? = nil
  ) {
    (self.id, self.tenant, self.version, self.state) = (id, tenant, version, state)
    (self.accessPackage, self.assignmentPolicy) = (accessPackage, assignmentPolicy)
    (self.organization, self.finding, self.waiting) = (organization, finding, waiting)
    (self.openedAt, self.resolvedAt) = (openedAt, resolvedAt)
  }

  /// What is found now; nil when somebody decides whatever waits.
  package mutating func follow(_ found: Finding?, waiting: Int, at now: Date) -> [Event] {
    switch state {
    case .open:
      self.waiting = waiting
      guard let found else {
        (state, resolvedAt, version) = (.resolved, now, version + 1)
        return [.routingResolved]
      }
      if found == finding { return [] }
      (finding, version) = (found, version + 1)
      return [.routed]
    case .resolved: return []
    }
  }
}

extension ApprovalRouting.Finding {
  /// To whom it goes, and what can be done: a sponsor is named where sponsors are asked, and administrators approve only
  /// where the policy lets them.
  ///
  /// - Parameters:
  ///   - owners: of the catalog, those who may act; administrators are asked when there are none.
  package init(
    gaps: [ApprovalRouting.Gap], of stages: [AssignmentPolicy.Stage], hasOrganization: Bool,
    administratorsMayDecide: Bool, owners: Set<UUID>, administrators: Set<UUID>
  ) {
    var actions: [ApprovalRouting.Action] = [.reassign, .deny]
    let asksSponsors = gaps.contains { stages.indices.contains($0.stage) && stages[$0.stage].asksSponsors }
    if hasOrganization, asksSponsors { actions.insert(.nameSponsor, at: 0) }
    if administratorsMayDecide { actions.append(.approve) }
    self.init(
      gaps: gaps, routedTo: owners.isEmpty ? .tenantAdministrators : .catalogOwners,
      recipients: (owners.isEmpty ? administrators : owners).sorted { $0.uuidString < $1.uuidString },
      actions: actions)
  }
}

extension AssignmentPolicy.Stage {
  fileprivate var asksSponsors: Bool {
    (approvers + (escalation?.approvers ?? [])).contains { approver in
      switch approver {
      case .internalSponsors, .externalSponsors: true
      case .singleUser, .requestorManager, .targetUserSponsors, .groupMembers: false
      }
    }
  }
}
