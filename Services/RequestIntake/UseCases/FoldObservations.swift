import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Brings what connectors found where resources are to the catalogs: new roles are offered, vanished ones go unless a
/// package holds them. An older finding than the one that counts says nothing.
struct FoldObservations: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ResourceObservation>], _ work: Work) throws {
    let tenants = Set(events.map(\.tenant))
    let table = ConfigurationTable(connection: work.connection)
    for tenant in tenants.sorted() { _ = try table.lock(tenant) }
    let loaded = try store.load(tenants, on: work.connection)
    let newest = Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }
    for event in newest.values.sorted(by: { $0.aggregate < $1.aggregate }) {
      guard let configuration = loaded.tenants[event.tenant],
        let stored = configuration.objects[event.aggregate],
        case .resource(let resource) = stored.object.object,
        let refreshed = try refreshed(resource, by: event.body, id: event.aggregate, configuration)
      else { continue }
      var object = stored.object
      object.resource = refreshed
      _ = try ConfigurationChange(
        tenant: event.tenant, epoch: loaded.epoch, initiator: .system, work: work
      ).save(object, id: event.aggregate, after: stored)
    }
  }

  /// - Returns: nil for what no longer concerns the resource.
  private func refreshed(
    _ resource: Vestibule_Model_V1_Resource, by message: Vestibule_Events_V1_ResourceObservation, id: UUID,
    _ configuration: TenantConfiguration
  ) throws -> Vestibule_Model_V1_Resource? {
    let observation = try ResourceObservation(message)
    let last = try Field.optionalInstant(
      resource.hasRefreshedAt ? resource.refreshedAt : nil, at: "refreshed_at")
    guard message.originSystem == resource.originSystem, message.originID == resource.originID,
      last.map({ $0 < observation.at }) ?? true
    else { return nil }
    var next = resource
    next.refreshedAt = message.observedAt
    next.refreshFailure = message.failure
    let held = configuration.packages.values.flatMap(\.resourceRoles).filter { $0.resource == id }.map(\.role)
    if let roles = observation.roles(configured: resource.roles, held: Set(held)) {
      (next.roles, next.vanishedRoles) = (roles.offered, roles.vanished)
    }
    return next
  }
}
