import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime

/// Shows configuration to those who hold a role in the tenant.
struct ReadConfiguration: Sendable {
  let store: ConfigurationStore

  func get(
    _ id: UUID, tenant: UUID, principal: Principal, on connection: Connection
  ) throws -> Vestibule_Model_V1_ConfigurationObject {
    try ConfigurationPermission.requireReading(principal, tenant: tenant)
    guard let entry = try store.load([tenant], on: connection).tenants[tenant]?.objects[id] else {
      throw Refusal.notFound
    }
    return entry.object
  }

  func list(
    _ kind: Vestibule_Api_V1_Kind, tenant: UUID, page: PageRequest<String>, principal: Principal,
    on connection: Connection
  ) throws -> [Vestibule_Model_V1_ConfigurationObject] {
    try ConfigurationPermission.requireReading(principal, tenant: tenant)
    let table = ConfigurationTable(connection: connection)
    let epoch = try connection.epoch()
    return try table.page(of: kind, tenant: tenant, after: page.after ?? "", limit: page.limit, epoch: epoch)
      .map(\.object)
  }
}
