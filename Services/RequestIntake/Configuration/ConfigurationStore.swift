import EntitlementModel
import Foundation
import Postgres
import Synchronization

/// The tenants' configurations in this process's memory. Never the truth: every use asks the database which
/// revision counts, and reads only what it has not seen.
final class ConfigurationStore: Sendable {
  private let known = Mutex<[UUID: TenantConfiguration]>([:])
  private static let tenantLimit = 1_000

  /// The configurations of these tenants as committed, without those that do not exist. Not to be called
  /// after the same transaction has written configuration: what is rolled back must not be remembered.
  func load(_ tenants: Set<UUID>, on connection: Connection) throws -> LoadedConfiguration {
    let table = ConfigurationTable(connection: connection)
    let state = try table.revisions(of: tenants)
    var loaded = known.withLock { known in
      state.revisions.keys.reduce(into: [:]) { $0[$1] = known[$1] }
    }
    let outdated = state.revisions.filter { tenant, revision in loaded[tenant]?.revision != revision }
    if !outdated.isEmpty {
      let changes = try table.changes(
        since: outdated.keys.map { ($0, loaded[$0]?.revision ?? 0) }, epoch: state.epoch)
      for (tenant, revision) in outdated {
        let before = loaded[tenant] ?? TenantConfiguration()
        loaded[tenant] = try before.taking(changes[tenant] ?? [], revision: revision)
      }
      remember(loaded)
    }
    return LoadedConfiguration(epoch: state.epoch, tenants: loaded)
  }

  private func remember(_ loaded: [UUID: TenantConfiguration]) {
    known.withLock { known in
      if known.count + loaded.count > Self.tenantLimit { known.removeAll() }
      known.merge(loaded) { $0.revision < $1.revision ? $1 : $0 }
    }
  }
}

/// What a batch judges by: the schema's epoch and its tenants' configurations.
struct LoadedConfiguration: Sendable {
  let epoch: Int
  private(set) var tenants: [UUID: TenantConfiguration]

  /// With objects that this transaction has written.
  mutating func take(_ written: [ConfigurationEntry], of tenant: UUID) throws {
    guard let before = tenants[tenant] else { return }
    tenants[tenant] = try before.taking(written, revision: before.revision)
  }
}
