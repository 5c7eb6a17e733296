import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres

/// Tries a failed or partial delivery again, now.
struct ReprocessAssignment {
  let settle: Settlement

  /// - Returns: the assignment as it is then; unchanged when there is nothing to be tried.
  func callAsFunction(_ id: UUID, tenant: UUID, _ permission: Permission, _ work: Work) throws -> Assignment {
    let assignments = AssignmentTable(connection: work.connection)
    guard let found = try assignments.read([id], of: [tenant]).first else { throw Refusal.notFound }
    let catalog = try PackageCatalog(connection: work.connection, cache: settle.cache).of(found.accessPackage)
    try permission.requireManager(of: catalog)
    try PackageChangeTable(connection: work.connection).share([found.accessPackage])
    let holdings = try Holdings.lock(guests: [found.target.subject], assignments: [id], of: [tenant], work)
    holdings.initiator = permission.principal.initiator
    try retry(id, holdings)
    try settle(holdings)
    return holdings.assignments[id] ?? found
  }

  private func retry(_ id: UUID, _ holdings: Holdings) throws {
    var isRetried = false
    holdings.change(assignment: id) {
      isRetried = $0.retry()
      return []
    }
    guard isRetried, let assignment = holdings.assignments[id] else { return }
    let conditions = try DeliveryConditions(
      for: [assignment.asRequest], snapshots: [], tenants: holdings.tenants, holdings.work, settle.cache)
    switch conditions.roles(for: assignment.asRequest) {
    case .success(let roles): holdings.begin(assignment, roles: roles)
    case .failure(let obstacle): holdings.change(assignment: id) { $0.fail(obstacle.failure) }
    }
  }
}

extension Assignment {
  /// The request that made it, as far as delivery depends on it.
  fileprivate var asRequest: AccessRequest {
    AccessRequest(
      id: id, tenant: tenant, version: 1, kind: .userAdd, state: .delivering, status: .delivering,
      target: target,
      requestor: target.subject, accessPackage: accessPackage, assignmentPolicy: assignmentPolicy,
      organization: organization, assignment: id, justification: "", startsAt: startsAt, term: term,
      createdAt: .distantPast, completedAt: nil)
  }
}
