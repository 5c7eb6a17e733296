import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Asks for resources' origins to be looked at again. Provisioning, which has the connectors, answers with
/// `resource.observed`.
struct RefreshResources: Sendable {
  let store: ConfigurationStore

  /// - Returns: of how many it was asked.
  func callAsFunction(_ ids: Set<UUID>, tenant: UUID, principal: Principal, _ work: Work) throws -> Int {
    guard let configuration = try store.load([tenant], on: work.connection).tenants[tenant] else {
      throw Refusal.notFound
    }
    for id in ids.sorted() {
      guard let entry = configuration.objects[id], case .resource = entry.object.object else {
        throw Refusal.notFound
      }
      try ConfigurationPermission.require(
        principal, toWrite: entry.object, id: id, tenant: tenant, isNew: false, configuration)
      try work.tell(
        .resourceRefreshAsked, id, tenant: tenant, number: Int(entry.object.version.number),
        by: principal.initiator,
        Vestibule_Events_V1_ConfigurationEvent.with { $0.object = entry.object })
    }
    return ids.count
  }
}
