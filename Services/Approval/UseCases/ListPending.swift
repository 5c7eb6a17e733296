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
      in: scope, tenant: caller.tenant, caller: caller.subject, after: key, limit: limit)
  }
}

extension Approvers {
  /// Everything that somebody may decide.
  func scope(of caller: Caller) -> DecidableScope {
    stages.reduce(into: DecidableScope()) { scope, entry in
      let (policy, stage) = entry
      if stage.approvers.contains(.singleUser(caller.subject)) {
        if hindrance(of: caller.subject) == nil { scope.wholePolicies.append(policy) }
        return
      }
      func holds(_ organization: UUID?) -> Bool {
        capacity(
          of: caller.subject, from: caller.organization, policy: policy, organization: organization) != nil
      }
      scope.partners += organizations.keys.filter(holds).map { .init(policy: policy, organization: $0) }
      if holds(nil) { scope.withoutOrganization.append(policy) }
    }
  }
}
