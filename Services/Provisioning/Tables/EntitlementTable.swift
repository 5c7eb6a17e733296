import EntitlementModel
import Foundation
import Postgres

/// An entitlement, and the assignments that are over as soon as its revocation is confirmed.
struct HeldRole: Hashable, Identifiable {
  var entitlement: Entitlement
  var releasing: Set<UUID> = []

  var id: Entitlement.ID { entitlement.id }

  /// Nothing is wanted and nothing is there: the row has no more to say.
  var isOver: Bool { !entitlement.isWanted && !entitlement.isPending }
}

/// Entitlements with their claims. They are locked with their guest.
struct EntitlementTable {
  let connection: Connection

  func read(of guests: Set<UUID>, of tenants: [UUID]) throws -> [HeldRole] {
    guard !guests.isEmpty else { return [] }
    return try connection.rows(
      """
      SELECT tenant, guest, resource, role, origin_system, origin_id, claims, releasing, generation, observed,
        provenance, attempts, last_error, next_attempt_at
      FROM entitlement WHERE (tenant = ANY(\(tenants))) IS TRUE AND guest = ANY(\(guests.sorted()))
      """)
  }

  /// To whom of these people assignments give a role at its origin.
  func holders(
    of role: String, originSystem: String, originID: String, among people: [UUID], tenant: UUID
  ) throws -> Set<UUID> {
    guard !people.isEmpty else { return [] }
    return Set(
      try connection.values(
        """
        SELECT guest FROM entitlement
        WHERE (tenant = \(tenant)) IS TRUE AND guest = ANY(\(people)) AND role = \(role)
          AND origin_system = \(originSystem) AND origin_id = \(originID) AND claims <> '{}'
        """, as: UUID.self))
  }

  func save(_ roles: [HeldRole]) throws {
    guard !roles.isEmpty else { return }
    let all = roles.map(\.entitlement)
    try connection.execute(
      """
      INSERT INTO entitlement (tenant, guest, resource, role, origin_system, origin_id, claims, releasing, generation,
        observed, provenance, attempts, last_error, next_attempt_at)
      SELECT tenant, guest, resource, role, system, origin, claims::uuid[], releasing::uuid[], generation, observed,
        provenance, attempts, error, next
      FROM unnest(\(all.map(\.tenant)), \(all.map(\.id.guest)), \(all.map(\.id.resource)), \(all.map(\.id.role)),
        \(all.map(\.originSystem)), \(all.map(\.originID)), \(all.map { ArrayText.of($0.claims) }),
        \(roles.map { ArrayText.of($0.releasing) }), \(all.map(\.generation)), \(all.map(\.observed)),
        \(all.map(\.provenance)), \(all.map(\.attempts)), \(all.map { $0.lastError?.rawValue ?? "" }), \(all.map(\.nextAttemptAt)))
      AS n (tenant, guest, resource, role, system, origin, claims, releasing, generation, observed, provenance,
        attempts, error, next)
      ON CONFLICT (tenant, guest, resource, role) DO UPDATE
      SET claims = excluded.claims, releasing = excluded.releasing, generation = excluded.generation,
        observed = excluded.observed, provenance = excluded.provenance, attempts = excluded.attempts,
        last_error = excluded.last_error, next_attempt_at = excluded.next_attempt_at
      """)
  }

  func delete(_ roles: [HeldRole]) throws {
    guard !roles.isEmpty else { return }
    let all = roles.map(\.entitlement)
    try connection.execute(
      """
      DELETE FROM entitlement AS e
      USING unnest(\(all.map(\.tenant)), \(all.map(\.id.guest)), \(all.map(\.id.resource)), \(all.map(\.id.role)))
        AS n (tenant, guest, resource, role)
      WHERE e.tenant = n.tenant AND e.guest = n.guest AND e.resource = n.resource AND e.role = n.role
      """)
  }
}

extension HeldRole: RowDecodable {
  init(_ row: inout Row) throws {
    let tenant = try row.next(UUID.self)
    let id = Entitlement.ID(guest: try row.next(), resource: try row.next(), role: try row.next())
    let (system, origin) = (try row.next(String.self), try row.next(String.self))
    let (claims, releasing) = (try row.next([UUID].self), try row.next([UUID].self))
    entitlement = Entitlement(
      id: id, tenant: tenant, originSystem: system, originID: origin, claims: Set(claims),
      generation: try row.next(), observed: try row.next(), provenance: try row.next(),
      attempts: try row.next(),
      lastError: TargetError(rawValue: try row.next()), nextAttemptAt: try row.next())
    self.releasing = Set(releasing)
  }
}
