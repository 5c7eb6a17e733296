import EntitlementModel
import Foundation
import Messaging
import Postgres

/// What the newest change of a subject says beyond the requests: whether it is barred, and who else it is.
struct SubjectTable {
  let connection: Connection

  func take(_ subjects: [(subject: Subject, version: Version)]) throws {
    let newest = Dictionary(subjects.map { ($0.subject.id, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.subject.id < $1.subject.id }
    guard !newest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO subject_copy AS s (tenant, id, epoch, version, is_barred, barred_until, person)
      SELECT * FROM unnest(\(newest.map(\.subject.tenant)), \(newest.map(\.subject.id)),
        \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)),
        \(newest.map { $0.subject.bar != nil }), \(newest.map(\.subject.bar?.until)),
        \(newest.map(\.subject.person)))
      ON CONFLICT (tenant, id) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, is_barred = excluded.is_barred,
        barred_until = excluded.barred_until, person = excluded.person
      WHERE (s.epoch, s.version) < (excluded.epoch, excluded.version)
      """)
  }

  /// The newest versions that were taken.
  func versions(_ ids: Set<UUID>, of tenants: [UUID]) throws -> [UUID: Version] {
    let rows = try connection.rows(
      """
      SELECT id, epoch, version FROM subject_copy WHERE (tenant = ANY(\(tenants))) IS TRUE AND id = ANY(\(ids.sorted()))
      """
    ) { row in (try row.next(UUID.self), Version(epoch: try row.next(), number: try row.next())) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// Those of them who are barred, by whichever of their identities.
  func barred(_ ids: Set<UUID>, of tenants: [UUID], at now: Date) throws -> Set<UUID> {
    guard !ids.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT s.id FROM subject_copy s
        WHERE (s.tenant = ANY(\(tenants))) IS TRUE AND s.id = ANY(\(ids.sorted())) AND (
          s.is_barred AND (s.barred_until IS NULL OR s.barred_until > \(now))
          OR EXISTS (
            SELECT FROM subject_copy o WHERE o.person = s.person AND (o.tenant = s.tenant) IS TRUE
              AND o.is_barred AND (o.barred_until IS NULL OR o.barred_until > \(now))))
        """, as: UUID.self))
  }
}
