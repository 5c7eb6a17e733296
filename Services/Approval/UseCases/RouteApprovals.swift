import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Gives those who answer for a catalog one item for all that waits under a policy for an organization and that nobody can
/// be found to decide; takes it away when somebody can, or nothing waits (decision 15).
struct RouteApprovals: Sendable {
  let cache: ConfigurationCache

  /// What lasts is looked at again so often: a bar may end, a request time out.
  static let repetition = Period(seconds: 30)

  func callAsFunction(_ tenant: UUID, _ work: Work) throws {
    let table = RoutingTable(connection: work.connection)
    try table.lock(tenant)
    let copies = ConfigurationCopies(connection: work.connection, cache: cache)
    var find = try FindAbsences(tenant, copies, at: work.now)
    var absences = try find()
    var items = try table.open(of: tenant)
    if absences.isEmpty, items.isEmpty { return }
    let roster = try Roster(tenant, copies, at: work.now)
    var told: [(ApprovalRouting, ApprovalRouting.Event)] = []
    for index in items.indices {
      let (policy, organization) = (items[index].assignmentPolicy, items[index].organization)
      let absence = absences.removeValue(forKey: .init(policy: policy, organization: organization))
      let finding = absence.map { find.finding($0, of: policy, organization, roster) }
      let events = items[index].follow(finding, waiting: absence?.waiting ?? 0, at: work.now)
      told += events.map { (items[index], $0) }
    }
    for (place, absence) in absences {
      guard let package = find.approvers.packages[place.policy] else { continue }
      let item = ApprovalRouting(
        id: work.newID(), tenant: tenant, accessPackage: package, assignmentPolicy: place.policy,
        organization: place.organization,
        finding: find.finding(absence, of: place.policy, place.organization, roster),
        waiting: absence.waiting, openedAt: work.now)
      items.append(item)
      told.append((item, .routed))
    }
    let epoch = try work.connection.epoch()
    try table.save(items, epoch: epoch)
    for (item, event) in told { try work.tell(event, about: item, epoch: epoch) }
    if items.contains(where: { $0.state == .open }) {
      try work.lookForApprovers(in: [tenant], from: work.now + Self.repetition)
    }
  }
}

extension FindAbsences {
  fileprivate func finding(
    _ absence: Absence, of policy: UUID, _ organization: UUID?, _ roster: Roster
  ) -> ApprovalRouting.Finding {
    ApprovalRouting.Finding(
      gaps: absence.gaps, of: approvers.stages[policy] ?? [], hasOrganization: organization != nil,
      administratorsMayDecide: approvers.administratorsMayDecide(under: policy),
      owners: roster.owners(of: approvers.packages[policy]), administrators: roster.administrators)
  }
}

extension Work {
  fileprivate func tell(_ event: ApprovalRouting.Event, about routing: ApprovalRouting, epoch: Int) throws {
    let body = Vestibule_Events_V1_ApprovalRoutingEvent.with {
      $0.routing = Vestibule_Model_V1_ApprovalRouting(routing, epoch: epoch)
    }
    let type: EventType =
      switch event {
      case .routed: .approvalRouted
      case .routingResolved: .approvalRoutingResolved
      }
    try tell(
      type, routing.id, tenant: routing.tenant, number: routing.version, by: .system,
      details: AuditDetails([
        "accessPackage": routing.accessPackage.text, "assignmentPolicy": routing.assignmentPolicy.text,
        "organization": routing.organization?.text ?? "", "state": routing.state.rawValue,
      ]), body)
  }
}
