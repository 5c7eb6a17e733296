import EntitlementModel
import Foundation
import Postgres

/// The rows `identity_source`, which keep a source from belonging to two organizations.
struct IdentitySourceTable {
  let connection: Connection

  /// Whose sources these are, by key.
  func organizations(of keys: [String], tenant: UUID) throws -> [String: UUID] {
    let rows = try connection.rows(
      "SELECT key, organization FROM identity_source WHERE tenant = \(tenant) AND key = ANY(\(keys))"
    ) { row in (try row.next(String.self), try row.next(UUID.self)) }
    return Dictionary(rows) { first, _ in first }
  }

  /// Gives an organization exactly these sources.
  ///
  /// - Returns: the keys that belong to another one, which stay there.
  func replace(_ sources: [IdentitySource], of organization: UUID, tenant: UUID) throws -> Set<String> {
    try connection.execute(
      "DELETE FROM identity_source WHERE tenant = \(tenant) AND organization = \(organization)")
    guard !sources.isEmpty else { return [] }
    let sorted = sources.sorted { $0.key < $1.key }
    let taken = try connection.values(
      """
      INSERT INTO identity_source (tenant, key, organization, include_subdomains)
      SELECT \(tenant), s.key, \(organization), s.includes FROM unnest(
        \(sorted.map(\.key)), \(sorted.map(\.includesSubdomains))) AS s (key, includes)
      ON CONFLICT (tenant, key) DO NOTHING RETURNING key
      """, as: String.self)
    return Set(sorted.map(\.key)).subtracting(taken)
  }
}
