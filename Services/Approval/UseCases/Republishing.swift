import EntitlementModel
import Foundation
import Messaging

/// Tells again what waits; what is over concerns no reader.
enum Republishing {
  static let approvals = Republisher("approval") { after, tenant, limit, work in
    let table = ApprovalTable(connection: work.connection)
    let tenants = try tenant.map { [$0] } ?? table.tenantsWithPending()
    try work.enter(tenants)
    let page = try table.pendingPage(after: after, tenants: tenants, limit: limit)
    for stored in page { try work.tellAgain(.stageOpened, about: stored) }
    return page.map(\.approval.id)
  }
}
