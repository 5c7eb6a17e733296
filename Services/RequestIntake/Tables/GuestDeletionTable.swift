import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols

/// The rows `guest_deletion`.
struct GuestDeletionTable {
  let connection: Connection

  /// `guest.deleted`: the newest deletion of each counts.
  func take(_ events: [Received<Vestibule_Events_V1_GuestEvent>]) throws {
    let newest = Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.aggregate < $1.aggregate }
    try connection.execute(
      """
      INSERT INTO guest_deletion AS g (subject, tenant, epoch, version, deleted_at)
      SELECT * FROM unnest(\(newest.map(\.aggregate)), \(newest.map(\.tenant)),
        \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)),
        \(newest.map(\.id.moment)))
      ON CONFLICT (subject, tenant) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, deleted_at = excluded.deleted_at
      WHERE (g.epoch, g.version) < (excluded.epoch, excluded.version)
      """)
  }

  func last(of person: UUID, tenant: UUID) throws -> Date? {
    try connection.values(
      "SELECT deleted_at FROM guest_deletion WHERE subject = \(person) AND (tenant = \(tenant)) IS TRUE",
      as: Date.self
    ).first
  }
}
