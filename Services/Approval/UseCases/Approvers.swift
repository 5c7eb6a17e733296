import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Who may decide now: the policies' stages and the organizations' sponsors as the copies have them, without those who
/// are barred or have left.
struct Approvers {
  private(set) var stages: [UUID: [AssignmentPolicy.Stage]] = [:]
  private(set) var organizations: [UUID: ConnectedOrganization] = [:]
  private let hindrances: [UUID: Hindrance]
  /// For whom each caller stands in now, besides themselves.
  private let delegators: [UUID: [UUID]]

  /// - Parameter callers: those of whom it will be asked.
  init(
    _ objects: some Sequence<Vestibule_Model_V1_ConfigurationObject>, callers: Set<UUID>, tenants: Set<UUID>,
    on connection: Connection, at now: Date
  ) throws {
    for object in objects {
      if object.kind == .assignmentPolicy {
        let policy = try AssignmentPolicy(object)
        stages[policy.id] = policy.approval.stages
      } else {
        let organization = try ConnectedOrganization(object)
        organizations[organization.id] = organization
      }
    }
    let delegations = try DelegationTable(connection: connection).find(to: callers, tenants: tenants)
      .filter { $0.isActive(at: now) }
    delegators = Dictionary(grouping: delegations, by: \.delegate).mapValues { $0.map(\.approver) }
    let asked = callers.union(delegations.map(\.approver))
    let named = stages.values.joined().reduce(into: asked) { $0.formUnion($1.namedApprovers) }
    let concerned = organizations.values.reduce(into: named) { concerned, organization in
      concerned.formUnion(organization.internalSponsors)
      concerned.formUnion(organization.externalSponsors)
    }
    hindrances = try SubjectCopyTable(connection: connection).hindrances(
      of: concerned, tenants: tenants, at: now)
    if !hindrances.isEmpty { leaveOutHindered() }
  }

  func hindrance(of caller: UUID) -> Hindrance? {
    hindrances[caller]
  }

  /// The round of asking that an approval is in, as its policy has it now; nil for one that the policy has no more.
  func stage(_ number: Int, of policy: UUID) -> AssignmentPolicy.Stage? {
    guard let stages = stages[policy], stages.indices.contains(number) else { return nil }
    return stages[number]
  }

  /// The caller, and those for whom the caller stands in.
  func seats(of caller: Caller) -> [UUID] {
    [caller.subject] + (delegators[caller.subject] ?? [])
  }

  /// Whose word somebody may give in a stage of an organization's request; nil for nobody's. A delegate of a partner's
  /// sponsor must belong to that partner, too.
  func seat(
    of caller: Caller, stage: AssignmentPolicy.Stage?, organization: UUID?, isEscalated: Bool
  ) -> Seat? {
    guard hindrances[caller.subject] == nil, let stage else { return nil }
    let resolution = ApproverResolution(stage, organization: organization.flatMap { organizations[$0] })
    for approver in seats(of: caller) where hindrances[approver] == nil {
      if let capacity = resolution.capacity(
        of: approver, from: caller.organization, isEscalated: isEscalated)
      {
        return Seat(approver: approver, capacity: capacity)
      }
    }
    return nil
  }

  /// Whose word somebody may give on what waits of an approval; nil for nobody's.
  func seat(of caller: Caller, in approval: ApprovalProcess) -> Seat? {
    seat(
      of: caller, stage: stage(approval.currentStage, of: approval.assignmentPolicy),
      organization: approval.organization, isEscalated: approval.stages[approval.currentStage].isEscalated)
  }

  private mutating func leaveOutHindered() {
    let hindered = hindrances
    stages = stages.mapValues { $0.map { $0.without { hindered[$0] != nil } } }
    organizations = organizations.mapValues { organization in
      var organization = organization
      organization.internalSponsors.removeAll { hindered[$0] != nil }
      organization.externalSponsors.removeAll { hindered[$0] != nil }
      return organization
    }
  }
}

/// An approver's place, held by the approver or a delegate.
struct Seat: Sendable, Hashable {
  let approver: UUID
  let capacity: ApprovalProcess.Capacity
}

extension AssignmentPolicy.Approver {
  fileprivate var user: UUID? {
    switch self {
    case .singleUser(let user): user
    case .internalSponsors, .externalSponsors: nil
    }
  }
}

extension AssignmentPolicy.Stage {
  fileprivate var namedApprovers: [UUID] {
    (approvers + (escalation?.approvers ?? [])).compactMap(\.user)
  }

  /// The same stage without these people.
  fileprivate func without(_ isHindered: (UUID) -> Bool) -> AssignmentPolicy.Stage {
    var stage = self
    stage.approvers.removeAll { $0.user.map(isHindered) ?? false }
    stage.escalation?.approvers.removeAll { $0.user.map(isHindered) ?? false }
    return stage
  }
}
