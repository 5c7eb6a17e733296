import EntitlementModel
import Foundation
import Postgres

/// Guests with their accounts. The guest's row is the lock of everything that hangs on it.
struct GuestTable {
  let connection: Connection

  /// Locks guests in the order of their keys, and reads them. Who is not there yet is not in the answer.
  func lock(_ ids: Set<UUID>, of tenants: [UUID]) throws -> [Guest] {
    let rows = try connection.rows(
      """
      SELECT \(Self.columns) FROM guest
      WHERE (tenant = ANY(\(tenants))) IS TRUE AND id = ANY(\(ids.sorted())) ORDER BY id, tenant FOR UPDATE
      """, as: GuestRow.self)
    return try assemble(rows, of: tenants)
  }

  /// Locks the holders of assignments.
  func lock(holdersOf assignments: Set<UUID>, of tenants: [UUID]) throws -> [Guest] {
    let rows = try connection.rows(
      """
      SELECT \(Self.columns) FROM guest
      WHERE (tenant = ANY(\(tenants))) IS TRUE AND id = ANY(ARRAY(
        SELECT target FROM assignment WHERE (tenant = ANY(\(tenants))) IS TRUE AND id = ANY(\(assignments.sorted()))))
      ORDER BY id, tenant FOR UPDATE
      """, as: GuestRow.self)
    return try assemble(rows, of: tenants)
  }

  /// Locks a page of the tenant's idle guests.
  func lockIdle(after guest: UUID?, tenant: UUID, limit: Int) throws -> [Guest] {
    let rows = try connection.rows(
      """
      SELECT \(Self.columns) FROM guest
      WHERE tenant = \(tenant) AND id > \(guest ?? UUID.lowest) AND live_assignments = 0 AND is_governed
      ORDER BY id, tenant LIMIT \(limit) FOR UPDATE
      """, as: GuestRow.self)
    return try assemble(rows, of: [tenant])
  }

  /// A page in the order of ids, unlocked.
  func page(after guest: UUID?, of tenants: [UUID], limit: Int) throws -> [Guest] {
    // A tenant's page is found by the tenant, one of all tenants by the guests' key.
    let belongs: SQL =
      tenants.count == 1 ? "tenant = \(tenants[0])" : "(tenant = ANY(\(tenants))) IS TRUE"
    let rows = try connection.rows(
      """
      SELECT \(Self.columns) FROM guest WHERE \(belongs) AND id > \(guest ?? UUID.lowest)
      ORDER BY id LIMIT \(limit)
      """, as: GuestRow.self)
    return try assemble(rows, of: tenants)
  }

  func read(_ id: UUID, of tenant: UUID) throws -> Guest? {
    let rows = try connection.rows(
      "SELECT \(Self.columns) FROM guest WHERE (tenant = \(tenant)) IS TRUE AND id = \(id)", as: GuestRow.self
    )
    return try assemble(rows, of: [tenant]).first
  }

  /// - Throws: a retryable error when another transaction made one of them meanwhile.
  func insert(_ guests: [Guest]) throws {
    guard !guests.isEmpty else { return }
    let written = try connection.execute(
      """
      INSERT INTO guest (tenant, id, version, email, display_name, is_member, is_governed, lifecycle_chosen, presence,
        live_assignments, block_causes, blocked_at, block_due_at, delete_due_at)
      SELECT tenant, id, version, email, name, member, governed, chosen, presence, live, causes::text[], blocked, block, deletion
      FROM \(Self.values(guests)) ON CONFLICT DO NOTHING
      """)
    try Raced.check(written, of: guests.count, "guest")
  }

  func update(_ guests: [Guest]) throws {
    guard !guests.isEmpty else { return }
    try connection.execute(
      """
      UPDATE guest AS g SET version = n.version, email = n.email, display_name = n.name, is_member = n.member,
        is_governed = n.governed, lifecycle_chosen = n.chosen, presence = n.presence, live_assignments = n.live, block_causes = n.causes::text[],
        blocked_at = n.blocked, block_due_at = n.block, delete_due_at = n.deletion
      FROM \(Self.values(guests)) WHERE g.tenant = n.tenant AND g.id = n.id
      """)
  }

  /// Writes accounts, new ones and changed ones.
  func save(_ accounts: [(guest: Guest, account: Account)]) throws {
    guard !accounts.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO account (tenant, guest, connector, external_id, provenance, state)
      SELECT * FROM unnest(\(accounts.map(\.guest.tenant)), \(accounts.map(\.guest.id)),
        \(accounts.map(\.account.connector)), \(accounts.map(\.account.externalID)),
        \(accounts.map(\.account.provenance)), \(accounts.map(\.account.state)))
      ON CONFLICT (tenant, guest, connector) DO UPDATE
      SET external_id = excluded.external_id, provenance = excluded.provenance, state = excluded.state
      """)
  }

  private static let columns: SQL = """
    tenant, id, version, email, display_name, is_member, is_governed, lifecycle_chosen, presence, live_assignments,
    block_causes, blocked_at, block_due_at, delete_due_at
    """

  private static func values(_ guests: [Guest]) -> SQL {
    """
    unnest(\(guests.map(\.tenant)), \(guests.map(\.id)), \(guests.map(\.version)), \(guests.map(\.target.email)),
      \(guests.map(\.target.displayName)), \(guests.map(\.target.isMember)), \(guests.map(\.isGoverned)),
      \(guests.map(\.isLifecycleChosen)), \(guests.map(\.presence)), \(guests.map(\.liveAssignments)), \(guests.map { ArrayText.of($0.blockCauses) }),
      \(guests.map(\.blockedAt)), \(guests.map(\.blockDueAt)), \(guests.map(\.deleteDueAt)))
    AS n (tenant, id, version, email, name, member, governed, chosen, presence, live, causes, blocked, block, deletion)
    """
  }

  private func assemble(_ rows: [GuestRow], of tenants: [UUID]) throws -> [Guest] {
    guard !rows.isEmpty else { return [] }
    let accounts = try connection.rows(
      """
      SELECT guest, connector, external_id, provenance, state FROM account
      WHERE (tenant = ANY(\(tenants))) IS TRUE AND guest = ANY(\(rows.map(\.id))) ORDER BY connector
      """
    ) { row in
      (
        guest: try row.next(UUID.self),
        account: Account(
          connector: try row.next(), externalID: try row.next(), provenance: try row.next(),
          state: try row.next())
      )
    }
    let byGuest = Dictionary(grouping: accounts, by: \.guest)
    return rows.map { $0.guest(accounts: byGuest[$0.id]?.map(\.account) ?? []) }
  }
}

/// A guest without its accounts, as it is stored.
private struct GuestRow: RowDecodable {
  let tenant, id: UUID
  let version: Int
  let target: Target
  let isGoverned, isLifecycleChosen: Bool
  let presence: Guest.Presence
  let liveAssignments: Int
  let blockCauses: [String]
  let blockedAt, blockDueAt, deleteDueAt: Date?

  init(_ row: inout Row) throws {
    (tenant, id, version) = (try row.next(), try row.next(), try row.next())
    target = Target(
      subject: id, email: try row.next(), displayName: try row.next(), isMember: try row.next())
    (isGoverned, isLifecycleChosen) = (try row.next(), try row.next())
    (presence, liveAssignments) = (try row.next(), try row.next())
    blockCauses = try row.next()
    (blockedAt, blockDueAt, deleteDueAt) = (try row.next(), try row.next(), try row.next())
  }

  func guest(accounts: [Account]) -> Guest {
    Guest(
      id: id, tenant: tenant, version: version, target: target, isGoverned: isGoverned,
      isLifecycleChosen: isLifecycleChosen, presence: presence, accounts: accounts,
      liveAssignments: liveAssignments,
      blockCauses: Set(blockCauses.compactMap(Guest.BlockCause.init)), blockedAt: blockedAt,
      blockDueAt: blockDueAt, deleteDueAt: deleteDueAt)
  }
}

extension UUID {
  /// Before every id: where the first page starts.
  static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}
