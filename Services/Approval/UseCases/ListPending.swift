import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols
import ServiceRuntime

/// What somebody may decide now, oldest first: first where a capacity is held, then one query for all of it.
struct ListPending: Sendable {
  let cache: ConfigurationCache

  func callAsFunction(
    _ caller: Caller, after key: InstantKey?, limit: Int, on connection: Connection, at now: Date
  ) throws -> [StoredApproval] {
    let copies = ConfigurationCopies(connection: connection, cache: cache)
    let objects = try [.assignmentPolicy, .connectedOrganization].flatMap {
      try copies.load($0, of: [caller.tenant])
    }
    var approvers = try Approvers(
      objects, callers: caller.subjects, tenants: [caller.tenant], on: connection, at: now)
    let scope = try approvers.scope(of: caller, on: connection)
    if scope.seats.isEmpty { return [] }
    var (found, after) = ([StoredApproval](), key)
    while true {
      let page = try ApprovalTable(connection: connection).pending(
        in: scope, tenant: caller.tenant, notAbout: Array(approvers.concerned(by: caller)),
        notDecidedBy: Array(approvers.everybody(whois: caller)), after: after, limit: limit)
      found += try approvers.decidable(page, by: caller)
      guard found.count < limit, page.count == limit, let last = page.last?.approval else {
        return Array(found.prefix(limit))
      }
      after = InstantKey(at: last.openedAt, id: last.id)
    }
  }
}

extension Approvers {
  /// Those of them that somebody may decide: the scope holds more where it depends on people, or where somebody has been
  /// heard by another identity.
  fileprivate mutating func decidable(
    _ page: [StoredApproval], by caller: Caller
  ) throws -> [StoredApproval] {
    if dependsOnPeople { try look(around: page.map(\.approval)) }
    return page.filter { stored in
      seat(of: caller, in: stored.approval).map { !hasWord(of: caller, in: $0, of: stored.approval) } ?? false
    }
  }

  /// Everything that somebody may decide; where it depends on people, what the fallbacks stand in for may be more.
  fileprivate func scope(of caller: Caller, on connection: Connection) throws -> DecidableScope {
    var scope = DecidableScope()
    guard hindrance(of: caller.subject) == nil else { return scope }
    scope.seats = seats(of: caller).filter { hindrance(of: $0) == nil }
    for (policy, stages) in stages {
      for (number, stage) in stages.enumerated() { add(stage, number, of: policy, for: caller, to: &scope) }
    }
    guard dependsOnPeople else { return scope }
    try addPeople(of: caller, to: &scope, on: connection)
    return scope
  }

  private func add(
    _ stage: AssignmentPolicy.Stage, _ number: Int, of policy: UUID, for caller: Caller,
    to scope: inout DecidableScope
  ) {
    func rounds(of organization: UUID?) -> [UUID: (round: DecidableScope.Round, isWhole: Bool)] {
      let around = surroundings(of: organization, tenant: caller.tenant)
      return [true, false].reduce(into: [:]) { found, isEscalated in
        for seat in seats(of: caller, stage: stage, around: around, isEscalated: isEscalated) {
          found[seat.approver] = (
            .init(policy: policy, stage: number, seat: seat.approver, isEscalatedOnly: isEscalated),
            [.singleUser, .groupMember].contains(seat.capacity)
          )
        }
      }
    }
    let none = rounds(of: nil)
    let whole = none.filter(\.value.isWhole)
    scope.whole += whole.values.map(\.round)
    scope.withoutOrganization += none.filter { !$0.value.isWhole }.values.map(\.round)
    for organization in organizations.keys {
      scope.partners += rounds(of: organization).filter { whole[$0.key] == nil }.values
        .map { .init(round: $0.round, organization: organization) }
    }
  }

  /// What concerns those who report to the caller, and those for whom the caller answers.
  private func addPeople(
    of caller: Caller, to scope: inout DecidableScope, on connection: Connection
  ) throws {
    let (table, tenants) = (SubjectCopyTable(connection: connection), Set([caller.tenant]))
    let seats = Set(scope.seats)
    let reports = try (1...2).map { try table.reports(to: seats, level: $0, tenants: tenants) }
    let sponsored = try table.sponsored(by: seats, tenants: tenants)
    func people(_ found: [UUID: Set<UUID>], _ round: (UUID) -> DecidableScope.Round) -> [DecidableScope
      .Personal]
    {
      found.flatMap { seat, people in people.map { .init(round: round(seat), person: $0) } }
    }
    for (policy, stages) in stages {
      for (number, stage) in stages.enumerated() where stage.dependsOnPeople {
        for (approvers, isEscalation) in [
          (stage.approvers, false), (stage.escalation?.approvers ?? [], true),
        ] {
          let round = { seat in
            DecidableScope.Round(policy: policy, stage: number, seat: seat, isEscalatedOnly: isEscalation)
          }
          for approver in approvers {
            switch approver {
            case .requestorManager(let level): scope.requestors += people(reports[level - 1], round)
            case .targetUserSponsors: scope.targets += people(sponsored, round)
            case .singleUser, .internalSponsors, .externalSponsors, .groupMembers: continue
            }
          }
        }
      }
    }
  }
}
