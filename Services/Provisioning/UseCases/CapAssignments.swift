import EntitlementModel
import Foundation
import Messaging

/// Brings the end of an organization's contract to a page of its people's assignments: what would last longer ends then
/// (decision 4). A contract that ends later restores nothing.
struct CapAssignments {
  let settle: Settlement

  private static let assignmentsPerPage = 200

  /// - Returns: whether there is more to do.
  func callAsFunction(_ work: Work) throws -> Bool {
    let caps = ContractCapTable(connection: work.connection)
    guard var cap = try caps.claim() else { return false }
    try work.enter([cap.tenant])
    let page = try AssignmentTable(connection: work.connection)
      .live(
        ofOrganization: cap.organization, tenant: cap.tenant, after: cap.reached,
        limit: Self.assignmentsPerPage)
    guard let last = page.last else {
      try caps.finish(cap)
      return true
    }
    try bring(cap, to: page, work)
    cap.reached = last.id
    try caps.goOn(cap)
    return true
  }

  private func bring(_ cap: ContractCap, to page: [Assignment], _ work: Work) throws {
    let contracts = try ContractEnds(of: [cap.organization], work, settle.cache)
    let holdings = try Holdings.lock(
      guests: Set(page.map(\.target.subject)), assignments: Set(page.map(\.id)), of: [cap.tenant], work)
    for id in page.map(\.id) { holdings.change(assignment: id) { contracts.cap(&$0) } }
    try settle(holdings)
  }
}
