import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Where in a tenant something waits that nobody can be found to decide (decision 15): by rounds, and one by one where
/// it depends on the request.
struct FindAbsences {
  private(set) var approvers: Approvers
  private let table: ApprovalTable
  private let judging: ApprovalTable.Judging

  /// All that waits under a policy for an organization.
  struct Place: Sendable, Hashable {
    let policy: UUID
    let organization: UUID?
  }

  struct Absence: Sendable {
    var stages: [Int: Set<ApproverAbsence>] = [:]
    var waiting = 0

    var gaps: [ApprovalRouting.Gap] {
      stages.sorted { $0.key < $1.key }.map { .init(stage: $0.key, absences: $0.value.sorted()) }
    }
  }

  init(_ tenant: UUID, _ copies: ConfigurationCopies, at now: Date) throws {
    let objects = try [.assignmentPolicy, .connectedOrganization].flatMap {
      try copies.load($0, of: [tenant])
    }
    table = ApprovalTable(connection: copies.connection)
    let approvers = try Approvers(
      objects, callers: [], tenants: [tenant], on: copies.connection, at: now)
    let policies = approvers.stages.map { id, stages in
      (id: id, isSingle: stages.contains(where: \.dependsOnPeople))
    }
    judging = ApprovalTable.Judging(
      tenant: tenant, policies: policies, approvers: try approvers.peopleOfConcern().sorted())
    self.approvers = approvers
  }

  mutating func callAsFunction() throws -> [Place: Absence] {
    var found: [Place: Absence] = [:]
    func note(_ absence: [ApproverAbsence]?, in round: WaitingRound, count: Int) {
      guard let absence else { return }
      let place = Place(policy: round.policy, organization: round.organization)
      found[place, default: Absence()].stages[round.stage, default: []].formUnion(absence)
      found[place, default: Absence()].waiting += count
    }
    let (counts, hasSingles) = try table.rounds(judging)
    for (round, count) in counts {
      note(approvers.absence(in: round, tenant: judging.tenant), in: round, count: count)
    }
    guard hasSingles else { return found }
    let singles = try table.singles(judging)
    try approvers.look(around: singles)
    for request in singles {
      note(approvers.absence(in: request, tenant: judging.tenant), in: request.round, count: 1)
    }
    return found
  }
}
