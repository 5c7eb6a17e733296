import EntitlementModel
import Foundation
import Postgres

/// What an organization's people ask for and have.
extension RequestTable {
  /// A page of what is open or lasts, in the order of ids.
  func live(of organization: UUID, tenant: UUID, after id: UUID?, limit: Int) throws -> [UUID] {
    let start: SQL = id.map { " AND id > \($0)" } ?? ""
    return try connection.values(
      """
      SELECT id FROM request
      WHERE organization = \(organization) AND is_live AND (tenant = \(tenant)) IS TRUE\(start) ORDER BY id LIMIT \(limit)
      """, as: UUID.self)
  }

  /// Whether anything was ever granted to an organization's people, and whether anything waits for a decision.
  func history(of organization: UUID, tenant: UUID) throws -> (wasGranted: Bool, waits: Bool) {
    try connection.row(
      """
      SELECT
        EXISTS (SELECT FROM request WHERE organization = \(organization) AND is_live AND (tenant = \(tenant)) IS TRUE
          AND state <> 'pendingApproval')
        OR EXISTS (SELECT FROM request WHERE organization = \(organization) AND NOT is_live
          AND (tenant = \(tenant)) IS TRUE AND state IN ('delivered', 'deliveryFailed')),
        EXISTS (SELECT FROM request WHERE organization = \(organization) AND is_live AND (tenant = \(tenant)) IS TRUE
          AND state = 'pendingApproval')
      """
    ) { row in (wasGranted: try row.next(Bool.self), waits: try row.next(Bool.self)) } ?? (false, false)
  }

  /// How much the ends have still to come to.
  func waitingForEnd(_ ends: [OrganizationEnd], tenant: UUID) throws -> [UUID: Int] {
    let rows = try connection.rows(
      """
      SELECT e.organization, count(*)
      FROM unnest(\(ends.map(\.organization)), \(ends.map(\.reached))) AS e (organization, reached)
      JOIN request r ON r.organization = e.organization AND r.is_live
        AND (e.reached IS NULL OR r.id > e.reached)
      WHERE (r.tenant = \(tenant)) IS TRUE GROUP BY e.organization
      """
    ) { row in (try row.next(UUID.self), try row.next(Int.self)) }
    return Dictionary(rows) { first, _ in first }
  }

  /// How much an end of these organizations would end.
  func extents(of organizations: [UUID], tenant: UUID) throws -> [UUID: OrganizationExtent] {
    let rows = try connection.rows(
      """
      SELECT organization, count(*) FILTER (WHERE state IN ('pendingApproval', 'scheduled')),
        count(*) FILTER (WHERE state NOT IN ('pendingApproval', 'scheduled')), count(DISTINCT target_subject)
      FROM request WHERE organization = ANY(\(organizations)) AND is_live AND (tenant = \(tenant)) IS TRUE
      GROUP BY organization
      """
    ) { row in
      (
        try row.next(UUID.self),
        OrganizationExtent(requests: try row.next(), assignments: try row.next(), guests: try row.next())
      )
    }
    return Dictionary(rows) { first, _ in first }
  }
}

/// How many requests wait, how many assignments last or are on their way, and of how many people.
struct OrganizationExtent: Sendable, Hashable {
  var requests = 0
  var assignments = 0
  var guests = 0
}
