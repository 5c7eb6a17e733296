import Foundation
import Postgres

/// What somebody holds or asks for.
struct HeldPackage: Sendable {
  let subject: UUID
  let package: UUID
  let id: UUID
}

extension RequestTable {
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
