import Contracts
import EntitlementModel
import Foundation
import Messaging

/// Brings an organization's end to a page of its people's requests: what waits is canceled, what lasts is removed; the
/// guests go the way of every guest whose last assignment is gone.
struct EndAccessOfOrganizations: Sendable {
  let store: ConfigurationStore

  private static let requestsPerPage = 200

  /// - Returns: whether there is more to do.
  func callAsFunction(_ work: Work) throws -> Bool {
    let ends = OrganizationEndTable(connection: work.connection)
    guard var end = try ends.claim() else { return false }
    try work.enter([end.tenant])
    if end.reached == nil { try ends.awaitSharers(end.tenant) }
    let table = RequestTable(connection: work.connection)
    let page = try table.live(
      of: end.organization, tenant: end.tenant, after: end.reached, limit: Self.requestsPerPage)
    guard let last = page.last else {
      try ends.forget(end.organization)
      return true
    }
    try self.end(page, table, tenant: end.tenant, work)
    end.done += page.count
    try ends.goOn(end, reached: last)
    return true
  }

  private func end(_ page: [UUID], _ table: RequestTable, tenant: UUID, _ work: Work) throws {
    let loaded = try store.load([tenant], on: work.connection)
    // Whoever has these locked sees in a second look what has been asked of their assignments before.
    _ = try table.lock(page, tenants: [tenant])
    let locked = try table.lock(assignments: page, tenants: [tenant])
    var batch = RemovalBatch(locked: locked, events: RequestEvents(configuration: loaded, work: work))
    for id in locked.keys.sorted() where locked[id]?.request.openChange != "remove" {
      try batch.cancel(id, by: .system)
    }
    for id in page {
      guard let stored = batch.locked[id], stored.isRemovable else { continue }
      try batch.end(
        stored, id: work.newID(), kind: .systemRemove, requestor: stored.request.target.subject,
        justification: "", because: .organizationEnded, by: .system)
    }
    try batch.save()
  }
}
