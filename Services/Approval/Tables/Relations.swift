import EntitlementModel
import Foundation
import Postgres

/// Who stands above people, and who answers for them, whether they may act or not.
struct Relations: Sendable {
  var managers: [UUID: UUID] = [:]
  var sponsors: [UUID: Set<UUID>] = [:]

  var people: Set<UUID> { sponsors.values.reduce(into: Set(managers.values)) { $0.formUnion($1) } }

  /// 1 is the person's manager, 2 the manager's.
  func managers(above person: UUID) -> [Int: UUID] {
    var levels: [Int: UUID] = [:]
    levels[1] = managers[person]
    levels[2] = levels[1].flatMap { managers[$0] }
    return levels
  }
}

extension SubjectCopyTable {
  /// Who stands above `people`, two levels high, and who answers for `targets`.
  func relations(
    above people: Set<UUID>, of targets: Set<UUID>, tenants: Set<UUID>
  ) throws -> Relations {
    var relations = Relations()
    relations.managers = try managers(of: people, tenants: tenants)
    relations.managers.merge(
      try managers(of: Set(relations.managers.values).subtracting(people), tenants: tenants)
    ) { first, _ in first }
    for (target, sponsor) in try pairs(
      """
      SELECT subject, sponsor FROM sponsorship
      WHERE subject = ANY(\(targets.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """)
    {
      relations.sponsors[target, default: []].insert(sponsor)
    }
    return relations
  }

  /// Who reports to each of these managers, at a level.
  func reports(to managers: Set<UUID>, level: Int, tenants: Set<UUID>) throws -> [UUID: Set<UUID>] {
    let direct = try grouped(
      """
      SELECT manager, id FROM subject_copy
      WHERE manager = ANY(\(managers.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """)
    guard level > 1 else { return direct }
    let further = try reports(
      to: direct.values.reduce(into: []) { $0.formUnion($1) }, level: level - 1, tenants: tenants)
    return direct.mapValues { $0.reduce(into: []) { $0.formUnion(further[$1] ?? []) } }
  }

  /// For whom each of these people answers.
  func sponsored(by sponsors: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: Set<UUID>] {
    try grouped(
      """
      SELECT sponsor, subject FROM sponsorship
      WHERE sponsor = ANY(\(sponsors.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """)
  }

  /// Gives each of these people exactly the sponsors they have now.
  func replaceSponsors(of subjects: [Subject]) throws {
    let ids = subjects.map(\.id)
    let wanted = subjects.flatMap { subject in
      subject.sponsors.map { (subject: subject.id, tenant: subject.tenant, sponsor: $0) }
    }
    try connection.execute("DELETE FROM sponsorship WHERE subject = ANY(\(ids))")
    guard !wanted.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO sponsorship (subject, sponsor, tenant)
      SELECT * FROM unnest(\(wanted.map(\.subject)), \(wanted.map(\.sponsor)), \(wanted.map(\.tenant)))
      ON CONFLICT DO NOTHING
      """)
  }

  private func managers(of people: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: UUID] {
    guard !people.isEmpty else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: try pairs(
        """
        SELECT id, manager FROM subject_copy
        WHERE id = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE AND manager IS NOT NULL
        """))
  }

  private func grouped(_ sql: SQL) throws -> [UUID: Set<UUID>] {
    Dictionary(grouping: try pairs(sql), by: \.0).mapValues { Set($0.map(\.1)) }
  }

  private func pairs(_ sql: SQL) throws -> [(UUID, UUID)] {
    try connection.rows(sql) { row in (try row.next(UUID.self), try row.next(UUID.self)) }
  }
}
