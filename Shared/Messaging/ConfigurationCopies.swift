import Contracts
import EntitlementModel
package import Foundation
package import Postgres
package import Protocols
import SwiftProtobuf
import Synchronization

/// Decoded configuration objects of this process by version, so that a batch decodes nothing twice. Never the truth:
/// every read asks the table which version counts.
package final class ConfigurationCache: Sendable {
  typealias Entry = (version: EntitlementModel.Version, object: Vestibule_Model_V1_ConfigurationObject)
  private let entries = Mutex<[UUID: Entry]>([:])
  private static let limit = 10_000

  package init() {}

  func known(_ ids: some Sequence<UUID>) -> [UUID: Entry] {
    entries.withLock { entries in
      ids.reduce(into: [:]) { found, id in
        if let entry = entries[id] { found[id] = entry }
      }
    }
  }

  func remember(_ loaded: [UUID: Entry]) {
    guard !loaded.isEmpty else { return }
    entries.withLock { entries in
      if entries.count > Self.limit { entries.removeAll() }
      entries.merge(loaded) { $0.version < $1.version ? $1 : $0 }
    }
  }
}

/// A reader's copies of what request-intake owns: the newest seen of each object counts.
package struct ConfigurationCopies {
  package let connection: Connection
  package let cache: ConfigurationCache

  package init(connection: Connection, cache: ConfigurationCache) {
    (self.connection, self.cache) = (connection, cache)
  }

  /// Takes the objects of `*.changed` events.
  package func take(_ events: [Received<Vestibule_Events_V1_ConfigurationEvent>]) throws {
    try merge(
      events.map {
        Incoming(id: $0.aggregate, version: $0.version, tenant: $0.tenant, object: $0.body.object)
      })
  }

  /// The objects of these ids, of the copies and of the snapshots that came with events, whichever is newer; newer
  /// snapshots are kept.
  package func load(
    _ ids: Set<UUID>, offering snapshots: [Vestibule_Events_V1_Snapshot] = []
  ) throws -> [UUID: Vestibule_Model_V1_ConfigurationObject] {
    var found = try stored(ids)
    var offered: [UUID: Vestibule_Events_V1_Snapshot] = [:]
    for snapshot in snapshots {
      guard let id = UUID(text: snapshot.id) else { continue }
      let best = offered[id].map { EntitlementModel.Version($0.version) } ?? found[id]?.version
      if best.map({ $0 < EntitlementModel.Version(snapshot.version) }) ?? true { offered[id] = snapshot }
    }
    let newer = try offered.map { id, snapshot in
      let object = try Vestibule_Model_V1_ConfigurationObject(serializedBytes: snapshot.object)
      return Incoming(
        id: id, version: EntitlementModel.Version(snapshot.version), tenant: UUID(text: object.tenant) ?? id,
        object: object)
    }
    try merge(newer)
    for incoming in newer where ids.contains(incoming.id) {
      found[incoming.id] = (incoming.version, incoming.object)
    }
    return found.filter { !$1.object.deleted }.mapValues(\.object)
  }

  /// Every object of a kind that these tenants have.
  package func load(
    _ kind: Vestibule_Api_V1_Kind, of tenants: some Sequence<UUID>
  ) throws -> [Vestibule_Model_V1_ConfigurationObject] {
    let ids = try connection.values(
      """
      SELECT id FROM configuration_copy WHERE tenant = ANY(\(Array(tenants))) AND kind = \(kind.text) AND NOT deleted
      """, as: UUID.self)
    return Array(try load(Set(ids)).values)
  }

  private struct Incoming {
    let id: UUID
    let version: EntitlementModel.Version
    let tenant: UUID
    let object: Vestibule_Model_V1_ConfigurationObject
  }

  private func stored(_ ids: Set<UUID>) throws -> [UUID: ConfigurationCache.Entry] {
    guard !ids.isEmpty else { return [:] }
    let wanted = ids.sorted()
    let known = cache.known(wanted)
    var found: [UUID: ConfigurationCache.Entry] = [:]
    var loaded: [UUID: ConfigurationCache.Entry] = [:]
    let rows = try connection.rows(
      """
      SELECT c.id, c.epoch, c.version,
        CASE WHEN (c.epoch, c.version) = (k.epoch, k.version) THEN NULL ELSE c.object END
      FROM unnest(\(wanted), \(wanted.map { Int32(known[$0]?.version.epoch ?? 0) }),
        \(wanted.map { known[$0]?.version.number ?? 0 })) AS k (id, epoch, version)
      JOIN configuration_copy c ON c.id = k.id
      """
    ) { row in
      (
        id: try row.next(UUID.self),
        version: EntitlementModel.Version(epoch: try row.next(), number: try row.next()),
        object: try row.next([UInt8]?.self)
      )
    }
    for row in rows {
      if let object = row.object {
        loaded[row.id] = (row.version, try Vestibule_Model_V1_ConfigurationObject(serializedBytes: object))
      }
      found[row.id] = loaded[row.id] ?? known[row.id]
    }
    cache.remember(loaded)
    return found
  }

  private func merge(_ incoming: [Incoming]) throws {
    let newest = Dictionary(incoming.map { ($0.id, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.id < $1.id }
    guard !newest.isEmpty else { return }
    let epochs = newest.map { Int32($0.version.epoch) }
    let numbers = newest.map { $0.version.number }
    let kinds = newest.map { $0.object.kind.text }
    let bytes: [[UInt8]] = try newest.map { try $0.object.serializedBytes() }
    try connection.execute(
      """
      INSERT INTO configuration_copy AS c (id, tenant, kind, epoch, version, deleted, object)
      SELECT * FROM unnest(\(newest.map(\.id)), \(newest.map(\.tenant)), \(kinds), \(epochs), \(numbers),
        \(newest.map { $0.object.deleted }), \(bytes))
      ON CONFLICT (id) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, deleted = excluded.deleted, object = excluded.object
      WHERE (c.epoch, c.version) < (excluded.epoch, excluded.version)
      """)
  }
}
