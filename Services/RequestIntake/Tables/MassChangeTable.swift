import EntitlementModel
import Foundation
import Postgres

/// The rows `mass_change`: whose access administrators' changes have ended within the last hour.
struct MassChangeTable {
  let connection: Connection

  /// Lets nobody else count in this tenant until the transaction ends. It is the last lock that a transaction takes.
  func lock(_ tenant: UUID) throws {
    try connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(\(tenant)::text, 5))")
  }

  /// How many people have been counted since, together with these.
  func count(with people: Set<UUID>, tenant: UUID, since: Date) throws -> Int {
    let others = try connection.value(
      """
      SELECT count(*) FROM mass_change
      WHERE tenant = \(tenant) AND at > \(since) AND NOT person = ANY(\(people.sorted()))
      """, as: Int.self)
    return others + people.count
  }

  func note(_ people: Set<UUID>, tenant: UUID, at now: Date) throws {
    guard !people.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO mass_change AS m (person, tenant, at)
      SELECT person, \(tenant), \(now) FROM unnest(\(people.sorted())) AS p (person)
      ON CONFLICT (person, tenant) DO UPDATE SET at = greatest(m.at, excluded.at)
      """)
  }

  /// Forgets who no longer counts.
  func prune(_ tenant: UUID, before moment: Date) throws {
    try connection.execute("DELETE FROM mass_change WHERE tenant = \(tenant) AND at <= \(moment)")
  }
}
