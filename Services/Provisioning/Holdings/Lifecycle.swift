import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// What decides about idle guests: their tenants' settings, and whether a request of theirs waits for a decision or its start.
struct Lifecycle {
  private let settings: [UUID: LifecycleSettings]
  private let waiting: Set<UUID>

  init(guests: Set<UUID>, tenants: [UUID], connection: Connection, cache: ConfigurationCache) throws {
    let copies = ConfigurationCopies(connection: connection, cache: cache)
    var settings: [UUID: LifecycleSettings] = [:]
    for object in try copies.load(.lifecycleSettings, of: tenants) {
      guard let tenant = UUID(text: object.tenant) else { continue }
      settings[tenant] = try LifecycleSettings(object)
    }
    self.settings = settings
    waiting = try OpenRequestTable(connection: connection).waiting(guests, of: tenants)
  }

  func settings(of tenant: UUID) -> LifecycleSettings { settings[tenant] ?? .standard }

  func waits(_ guest: UUID) -> Bool { waiting.contains(guest) }
}
