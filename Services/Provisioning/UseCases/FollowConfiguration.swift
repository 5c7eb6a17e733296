import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// Keeps copies of what the tenants have configured. New lifecycle settings move what is scheduled, a changed package
/// goes to all its holders, the end of a contract to all assignments of its organization.
struct FollowConfiguration {
  let settle: Settlement

  private static let guestsPerPage = 500

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ConfigurationEvent>], _ work: Work) throws {
    try PackageChangeTable(connection: work.connection).begin(
      events.filter { $0.body.object.kind == .accessPackage }.map {
        PackageChange(package: $0.aggregate, tenant: $0.tenant, version: $0.version, begunAt: work.now)
      })
    try ContractCapTable(connection: work.connection).begin(
      events.filter { $0.body.object.connectedOrganization.hasContractEnd && !$0.body.object.deleted }.map {
        ContractCap(organization: $0.aggregate, tenant: $0.tenant, version: $0.version, begunAt: work.now)
      })
    try ConfigurationCopies(connection: work.connection, cache: settle.cache).take(events)
    try TenantTable(connection: work.connection).know(Set(events.map(\.tenant)).sorted())
    try DirectoryResourceTable(connection: work.connection)
      .register(events.reduce(into: []) { $0.formUnion($1.body.object.directoryResources) })
    try FollowNamedGroups()(events, work)
    let changed = events.filter { $0.body.object.kind == .lifecycleSettings }
    let newest = Dictionary(changed.map { ($0.tenant, $0.version) }, uniquingKeysWith: max)
    let table = LifecycleChangeTable(connection: work.connection)
    for (tenant, version) in newest.sorted(by: { $0.key < $1.key }) {
      guard try table.begin(tenant, version, at: work.now) else { continue }
      try table.finish(tenant, version, retimed: try retime(tenant, work))
    }
  }

  /// - Returns: how many guests' schedules moved.
  private func retime(_ tenant: UUID, _ work: Work) throws -> Int {
    let lifecycle = try Lifecycle(
      guests: [], tenants: [tenant], connection: work.connection, cache: settle.cache)
    var (last, retimed) = (UUID?.none, 0)
    while true {
      let holdings = try Holdings.lockIdle(after: last, tenant: tenant, limit: Self.guestsPerPage, work)
      let ids = holdings.guests.current.keys.sorted()
      for id in ids {
        holdings.change(guest: id) {
          let events = $0.retime(lifecycle.settings(of: tenant), at: work.now)
          if !events.isEmpty { retimed += 1 }
          return events
        }
      }
      try settle(holdings)
      guard ids.count == Self.guestsPerPage else { return retimed }
      last = ids.last
    }
  }
}
