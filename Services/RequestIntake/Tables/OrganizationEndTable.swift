import EntitlementModel
import Foundation
import Postgres

/// An organization's end on its way through what its people asked for and have.
struct OrganizationEnd: Sendable, Hashable {
  let organization: UUID
  let tenant: UUID
  /// The last request that was brought to its end.
  var reached: UUID?
  var done = 0
  let begunAt: Date
}

/// The organizations whose end has not come to all their people yet.
struct OrganizationEndTable {
  let connection: Connection

  /// Lets no end of these tenants' organizations begin its way, and nothing be deleted, until the transaction ends.
  /// Whoever asks under a configuration does this before reading it, and so is seen by the end or the deletion, or sees it.
  func share(_ tenants: Set<UUID>) throws {
    try connection.execute(
      "SELECT pg_advisory_xact_lock_shared(hashtextextended(t::text, 4)) FROM unnest(\(tenants.sorted())) AS t"
    )
  }

  /// Waits for those who judge by the tenant's configuration as it was.
  func awaitSharers(_ tenant: UUID) throws {
    try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(tenant)::text, 4))")
  }

  func begin(_ organization: UUID, tenant: UUID, at now: Date) throws {
    try connection.execute(
      """
      INSERT INTO organization_end (organization, tenant, begun_at) VALUES (\(organization), \(tenant), \(now))
      ON CONFLICT (organization) DO NOTHING
      """)
  }

  /// It has been reopened, or is done.
  func forget(_ organization: UUID) throws {
    try connection.execute("DELETE FROM organization_end WHERE organization = \(organization)")
  }

  /// Takes any, so that one which can not go on does not hold up the others; another copy takes another.
  func claim() throws -> OrganizationEnd? {
    let claimed: [OrganizationEnd] = try connection.rows(
      "SELECT \(Self.columns) FROM organization_end ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED")
    return claimed.first
  }

  func goOn(_ end: OrganizationEnd, reached: UUID) throws {
    try connection.execute(
      """
      UPDATE organization_end SET reached = \(reached), done = \(end.done) WHERE organization = \(end.organization)
      """)
  }

  /// A tenant's, oldest first.
  func list(of tenant: UUID) throws -> [OrganizationEnd] {
    try connection.rows(
      "SELECT \(Self.columns) FROM organization_end WHERE tenant = \(tenant) ORDER BY begun_at, organization")
  }

  private static let columns: SQL = """
    organization, tenant, nullif(reached, '00000000-0000-0000-0000-000000000000'), done, begun_at
    """
}

extension OrganizationEnd: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      organization: try row.next(), tenant: try row.next(), reached: try row.next(), done: try row.next(),
      begunAt: try row.next())
  }
}
