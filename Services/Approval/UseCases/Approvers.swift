import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Who may decide now: the policies' first stages and the organizations' sponsors as the copies have them, without
/// those who are barred or have left.
struct Approvers {
  private(set) var stages: [UUID: AssignmentPolicy.Stage] = [:]
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
        stages[policy.id] = policy.approval.stages.first
      } else {
        let organization = try ConnectedOrganization(object)
        organizations[organization.id] = organization
      }
    }
    let named = stages.values.reduce(into: callers) { $0.formUnion($1.namedApprovers) }
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

  /// In which capacity somebody may decide a policy's request of an organization; nil for none.
  func capacity(
    of caller: UUID, from callersOrganization: UUID?, policy: UUID, organization: UUID?
  ) -> ApprovalProcess.Capacity? {
    guard hindrances[caller] == nil, let stage = stages[policy] else { return nil }
    return ApproverResolution.capacity(
      of: caller, stage: stage, organization: organization.flatMap { organizations[$0] },
      callersOrganization: callersOrganization)
  }

  private mutating func leaveOutHindered() {
    let hindered = hindrances
    stages = stages.mapValues { stage in
      var stage = stage
      stage.approvers.removeAll { $0.user.map { hindered[$0] != nil } ?? false }
      return stage
    }
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
  fileprivate var namedApprovers: [UUID] { approvers.compactMap(\.user) }
}
