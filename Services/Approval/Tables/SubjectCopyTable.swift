import EntitlementModel
import Foundation
import Postgres

/// What approval has to know of a person.
struct SubjectCopy: Sendable {
  let subject: Subject
  let version: Version
}

/// The rows `subject_copy`.
struct SubjectCopyTable {
  let connection: Connection

  /// Takes newer states; the same told again fills what an earlier release did not keep.
  func take(_ copies: [SubjectCopy]) throws {
    let newest = Dictionary(copies.map { ($0.subject.id, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.subject.id < $1.subject.id }
    guard !newest.isEmpty else { return }
    let subjects = newest.map(\.subject)
    let taken = Set(
      try connection.values(
        """
        INSERT INTO subject_copy AS s (id, tenant, epoch, version, is_barred, barred_until, has_left, manager, person,
          organization)
        SELECT * FROM unnest(\(subjects.map(\.id)), \(subjects.map(\.tenant)),
          \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)),
          \(subjects.map { $0.bar != nil }), \(subjects.map(\.bar?.until)), \(subjects.map { $0.leftAt != nil }),
          \(subjects.map(\.manager)), \(subjects.map(\.person)), \(subjects.map(\.organization)))
        ON CONFLICT (id) DO UPDATE
        SET epoch = excluded.epoch, version = excluded.version, is_barred = excluded.is_barred,
          barred_until = excluded.barred_until, has_left = excluded.has_left,
          manager = excluded.manager, person = excluded.person, organization = excluded.organization
        WHERE s.tenant = excluded.tenant AND (s.epoch, s.version) <= (excluded.epoch, excluded.version)
        RETURNING id
        """, as: UUID.self))
    try replaceSponsors(of: subjects.filter { taken.contains($0.id) })
  }

  /// Those of them whom the tenant knows.
  func known(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT id FROM subject_copy
        WHERE id = ANY(\(ids.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND NOT has_left
        """, as: UUID.self))
  }

  /// Where those of them belong of whom it is known.
  func organizations(of ids: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: UUID] {
    guard !ids.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT id, organization FROM subject_copy
      WHERE id = ANY(\(ids.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND organization IS NOT NULL
      """
    ) { row in (try row.next(UUID.self), try row.next(UUID.self)) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// The other subjects that are the same person, by subject.
  func linked(to ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: Set<UUID>] {
    let rows = try connection.rows(
      """
      SELECT s.id, o.id FROM subject_copy s JOIN subject_copy o ON o.person = s.person AND (o.tenant = s.tenant) IS TRUE
      WHERE s.id = ANY(\(ids.sorted())) AND (s.tenant = ANY(\(Array(tenants)))) IS TRUE AND s.person IS NOT NULL
        AND o.id <> s.id
      """
    ) { row in (try row.next(UUID.self), Set([try row.next(UUID.self)])) }
    return Dictionary(rows) { $0.union($1) }
  }

  /// Of each group so many at most who may act.
  func activeMembers(
    of groups: Set<String>, tenant: UUID, at now: Date, limit: Int
  ) throws -> [String: Set<UUID>] {
    guard !groups.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT n."group", member.subject FROM unnest(\(groups.sorted())) AS n ("group")
      CROSS JOIN LATERAL (
        SELECT m.subject FROM group_member_copy m LEFT JOIN subject_copy s ON s.id = m.subject
        WHERE m."group" = n."group" AND m.tenant = \(tenant) AND m.is_member
          AND (s.id IS NULL OR NOT \(Self.isHindered(at: now)))
        LIMIT \(limit)) AS member
      """
    ) { row in (try row.next(String.self), Set([try row.next(UUID.self)])) }
    return Dictionary(rows) { $0.union($1) }
  }

  /// Those of them who may not act now, and why. A bar holds for whoever else somebody is; having left does not.
  func hindrances(
    of ids: some Sequence<UUID>, tenants: Set<UUID>, at now: Date
  ) throws -> [UUID: Hindrance] {
    let sorted = ids.sorted()
    guard !sorted.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT s.id, s.has_left FROM subject_copy s
      WHERE s.id = ANY(\(sorted)) AND (s.tenant = ANY(\(Array(tenants)))) IS TRUE AND \(Self.isHindered(at: now))
      """
    ) { row in (try row.next(UUID.self), try row.next(Bool.self) ? Hindrance.left : .barred) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// Of the row `s`.
  private static func isHindered(at now: Date) -> SQL {
    """
    (s.has_left OR s.is_barred AND (s.barred_until IS NULL OR s.barred_until > \(now)) OR EXISTS (
      SELECT FROM subject_copy o WHERE o.person = s.person AND (o.tenant = s.tenant) IS TRUE
        AND o.is_barred AND (o.barred_until IS NULL OR o.barred_until > \(now))))
    """
  }
}

/// Why somebody may decide nothing.
enum Hindrance: Sendable, Equatable {
  case barred, left

  var reason: Reason {
    switch self {
    case .barred: Reason(.subjectBarred, "You are barred and may decide nothing.")
    case .left: Reason(.subjectLeft, "You have left and may decide nothing.")
    }
  }
}
