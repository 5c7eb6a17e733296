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
    let named = stages.values.joined().reduce(into: callers) { $0.formUnion($1.namedApprovers) }
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

  /// In which capacity somebody may decide a stage of an organization's request; nil for none.
  func capacity(
    of caller: Caller, stage: AssignmentPolicy.Stage?, organization: UUID?, isEscalated: Bool
  ) -> ApprovalProcess.Capacity? {
    guard hindrances[caller.subject] == nil, let stage else { return nil }
    return ApproverResolution(stage, organization: organization.flatMap { organizations[$0] })
      .capacity(of: caller.subject, from: caller.organization, isEscalated: isEscalated)
  }

  /// In which capacity somebody may decide what waits of an approval; nil for none.
  func capacity(of caller: Caller, in approval: ApprovalProcess) -> ApprovalProcess.Capacity? {
    capacity(
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
