import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime

/// Where nobody can be found who decides: of the whole tenant for its administrators, of their catalogs for owners.
struct ListRouting: Sendable {
  let cache: ConfigurationCache

  func callAsFunction(
    of tenant: UUID, all: Bool, _ principal: Principal, after id: UUID?, limit: Int,
    on connection: Connection
  ) throws -> [ApprovalRouting] {
    let packages = try packages(of: principal, tenant: tenant, on: connection)
    return try RoutingTable(connection: connection)
      .page(tenant: tenant, all: all, of: packages, after: id, limit: limit)
  }

  /// What waits for nobody in one of them, oldest first.
  func routed(
    _ id: UUID, tenant: UUID, _ principal: Principal, after key: InstantKey?, limit: Int,
    on connection: Connection, at now: Date
  ) throws -> [StoredApproval] {
    guard let item = try RoutingTable(connection: connection).find(id, tenant: tenant),
      try packages(of: principal, tenant: tenant, on: connection)?.contains(item.accessPackage) ?? true
    else { throw Refusal.notFound }
    let copies = ConfigurationCopies(connection: connection, cache: cache)
    let ids = Set([item.assignmentPolicy, item.organization].compactMap(\.self))
    var approvers = try Approvers(
      try copies.load(ids).values, callers: [], tenants: [tenant], on: connection, at: now)
    var (found, after) = ([StoredApproval](), key)
    while found.count < limit {
      let page = try ApprovalTable(connection: connection).pending(
        under: item.assignmentPolicy, of: item.organization, in: item.finding.gaps.map(\.stage),
        tenant: tenant, after: after, limit: limit)
      let requests = page.map { WaitingRequest($0.approval) }
      try approvers.look(around: requests)
      found += zip(page, requests).filter { approvers.absence(in: $1, tenant: tenant) != nil }.map(\.0)
      guard page.count == limit, let last = page.last?.approval else { break }
      after = InstantKey(at: last.openedAt, id: last.id)
    }
    return Array(found.prefix(limit))
  }

  /// The packages whose routing somebody sees; nil for all.
  private func packages(
    of principal: Principal, tenant: UUID, on connection: Connection
  ) throws -> [UUID]? {
    if principal.holds(.tenantAdministrator) { return nil }
    guard principal.roles.contains(where: { $0.role == .catalogOwner }) else {
      throw Authorization.Denial.roleRequired.refusal
    }
    let objects = try ConfigurationCopies(connection: connection, cache: cache)
      .load(.accessPackage, of: [tenant])
    return try objects.compactMap { object in
      let catalog = try AccessPackage(object).catalog
      return principal.holds(oneOf: [.catalogOwner], in: catalog) ? UUID(text: object.id) : nil
    }
  }
}
