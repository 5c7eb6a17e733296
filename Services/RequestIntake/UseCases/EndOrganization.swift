import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Ends a connected organization (decision 4): from now on it refuses; what its people asked for and have ends in the
/// background (`EndAccessOfOrganizations`).
struct EndOrganization: Sendable {
  let store: ConfigurationStore

  /// - Parameter isDryRun: changes nothing, and says what the end would end.
  func callAsFunction(
    _ id: UUID, isDryRun: Bool, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<OrganizationExtent> {
    try DeadlineTable(connection: work.connection).lock([id])
    guard principal.isOperator || principal.tenant == tenant,
      try ConfigurationTable(connection: work.connection).lock(tenant)
    else { throw Refusal.notFound }
    let loaded = try store.load([tenant], on: work.connection)
    guard let configuration = loaded.tenants[tenant], let stored = configuration.objects[id],
      case .connectedOrganization(var organization) = stored.object.object
    else { throw Refusal.notFound }
    try ConfigurationPermission.require(
      principal, toWrite: stored.object, id: id, tenant: tenant, isNew: false, configuration)
    let extent = try RequestTable(connection: work.connection).extents(of: [id], tenant: tenant)[id]
    if !isDryRun, organization.state != .ended {
      organization.state = .ended
      var object = stored.object
      object.connectedOrganization = organization
      let effect = try ConfigurationEffect(
        tenant: tenant, configuration: configuration, connection: work.connection, now: work.now
      ).of(object, id: id, after: stored)
      let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal)
        .admit(.with { $0.endOrganization.organization = id.text }, effect, admission)
      if let waiting { return .waits(waiting) }
      _ = try ConfigurationChange(
        tenant: tenant, epoch: loaded.epoch, initiator: principal.initiator, work: work
      ).save(object, id: id, after: stored)
    }
    return .done(extent ?? OrganizationExtent())
  }
}
