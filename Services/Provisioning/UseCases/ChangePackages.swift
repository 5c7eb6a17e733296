import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres

/// Brings a changed package to a page of those who hold it: a role that is new is granted, one that is gone is taken
/// away unless something else gives it; ends stay (decision 24).
struct ChangePackages {
  let settle: Settlement

  private static let assignmentsPerPage = 200

  /// - Returns: whether there is more to do.
  func callAsFunction(_ work: Work) throws -> Bool {
    let changes = PackageChangeTable(connection: work.connection)
    guard var change = try changes.claim() else { return false }
    try work.enter([change.tenant])
    let page = try AssignmentTable(connection: work.connection)
      .live(
        of: change.package, tenant: change.tenant, after: change.reached, limit: Self.assignmentsPerPage)
    guard let last = page.last else {
      try changes.finish(change)
      return true
    }
    try bring(change, to: page, work)
    (change.reached, change.done) = (last.id, change.done + page.count)
    try changes.goOn(change)
    return true
  }

  private func bring(_ change: PackageChange, to page: [Assignment], _ work: Work) throws {
    let copies = ConfigurationCopies(connection: work.connection, cache: settle.cache)
    // What a deleted package gave is the business of its assignments' ends.
    guard let package = try copies.load([change.package])[change.package].map({ try AccessPackage($0) })
    else { return }
    let holdings = try Holdings.lock(
      guests: Set(page.map(\.target.subject)), assignments: Set(page.map(\.id)), of: [change.tenant], work)
    for id in page.map(\.id) {
      // One that has ended since the page was read has let go of its roles.
      guard let assignment = holdings.assignments[id], assignment.state.isLive else { continue }
      holdings.change(assignment, to: package)
    }
    try settle(holdings)
  }
}
