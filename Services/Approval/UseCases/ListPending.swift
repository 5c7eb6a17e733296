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
    let approvers = try Approvers(
      objects, callers: [caller.subject], tenants: [caller.tenant], on: connection, at: now)
    let scope = approvers.scope(of: caller)
    if scope.isEmpty { return [] }
    return try ApprovalTable(connection: connection).pending(
      in: scope, tenant: caller.tenant, notAbout: approvers.seats(of: caller), after: key, limit: limit)
  }
}

extension Approvers {
  /// Everything that somebody may decide.
  func scope(of caller: Caller) -> DecidableScope {
    stages.reduce(into: DecidableScope()) { scope, entry in
      for (number, stage) in entry.value.enumerated() {
        add(stage, number, of: entry.key, for: caller, to: &scope)
      }
    }
  }

  private func add(
    _ stage: AssignmentPolicy.Stage, _ number: Int, of policy: UUID, for caller: Caller,
    to scope: inout DecidableScope
  ) {
    func round(of organization: UUID?) -> DecidableScope.Round? {
      for isEscalated in [false, true] {
        if let seat = seat(of: caller, stage: stage, organization: organization, isEscalated: isEscalated) {
          return .init(policy: policy, stage: number, seat: seat.approver, isEscalatedOnly: isEscalated)
        }
      }
      return nil
    }
    let none = round(of: nil)
    if let none, stage.approvers.contains(.singleUser(none.seat)) { return scope.whole.append(none) }
    scope.partners += organizations.keys.compactMap { organization in
      round(of: organization).map { .init(round: $0, organization: organization) }
    }
    if let none { scope.withoutOrganization.append(none) }
  }
}
