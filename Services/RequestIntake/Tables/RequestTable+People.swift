import Foundation
import Postgres

/// What somebody holds or asks for.
struct HeldPackage: Sendable {
  let subject: UUID
  let package: UUID
  let id: UUID
}

extension RequestTable {
  /// Whatever was ever asked for the person.
  func all(of person: UUID, tenant: UUID) throws -> [UUID] {
    try connection.values(
      "SELECT id FROM request WHERE tenant = \(tenant) AND target_subject = \(person) ORDER BY id",
      as: UUID.self)
  }

  /// Since when provisioning has last begun something for the person; nil if it never has.
  func lastBegun(for person: UUID, tenant: UUID) throws -> Date? {
    try connection.value(
      """
      SELECT max(greatest(created_at, delivered_at)) FROM request
      WHERE tenant = \(tenant) AND target_subject = \(person) AND assignment_version > 0
      """, as: Date?.self)
  }

  /// Everything that is open or lasts of these people.
  func live(of people: Set<UUID>, tenant: UUID) throws -> [HeldPackage] {
    try connection.rows(
      """
      SELECT target_subject, access_package, id FROM request
      WHERE target_subject = ANY(\(people.sorted())) AND (tenant = \(tenant)) IS TRUE AND is_live ORDER BY id
      """
    ) { row in HeldPackage(subject: try row.next(), package: try row.next(), id: try row.next()) }
  }
}
