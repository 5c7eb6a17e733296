import EntitlementModel
import Foundation
import Postgres

/// Whom a change would concern, each person once.
extension RequestTable {
  /// Who has one of these packages, or asks for it.
  func holders(of packages: Set<UUID>, tenant: UUID) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT DISTINCT target_subject FROM request
        WHERE tenant = \(tenant) AND access_package = ANY(\(packages.sorted())) AND is_live
        """, as: UUID.self))
  }

  /// Who of an organization has something, or asks for it.
  func people(of organization: UUID, tenant: UUID) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT DISTINCT target_subject FROM request
        WHERE organization = \(organization) AND is_live AND (tenant = \(tenant)) IS TRUE
        """, as: UUID.self))
  }

  /// Everybody from outside who has something, or asks for it, with what the list of domains looks at now.
  func addresses(tenant: UUID) throws -> [HeldAddress] {
    try connection.rows(
      """
      SELECT DISTINCT r.target_subject, s.email, r.organization
      FROM request r JOIN subject s ON s.id = r.target_subject AND (s.tenant = r.tenant) IS TRUE
      WHERE r.tenant = \(tenant) AND r.is_live AND NOT r.target_is_member
      """
    ) { row in HeldAddress(person: try row.next(), email: try row.next(), organization: try row.next()) }
  }

  /// People from outside who had access to something and have nothing now.
  func guestsWithoutAccess(tenant: UUID) throws -> Set<UUID> {
    Set(
      try connection.values(
        """
        SELECT target_subject FROM request WHERE tenant = \(tenant) AND NOT target_is_member
        GROUP BY target_subject HAVING bool_or(delivered_at IS NOT NULL) AND NOT bool_or(is_live)
        """, as: UUID.self))
  }
}

/// Where somebody comes from who has something, or asks for it.
struct HeldAddress: Sendable {
  let person: UUID
  let email: String
  let organization: UUID?
}
