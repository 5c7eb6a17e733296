package import EntitlementModel
import Foundation
package import Postgres

/// Attributes of accounts with the claims on them. They are locked with their guest.
struct AccountAttributeTable {
  let connection: Connection

  func read(of guests: Set<UUID>, of tenants: [UUID]) throws -> [AccountAttribute] {
    guard !guests.isEmpty else { return [] }
    return try connection.rows(
      """
      SELECT tenant, guest, connector, name, claims, generation, observed, observed_value, ours, overwritten, attempts,
        last_error, next_attempt_at
      FROM account_attribute WHERE (tenant = ANY(\(tenants))) IS TRUE AND guest = ANY(\(guests.sorted()))
      """)
  }

  func save(_ all: [AccountAttribute]) throws {
    guard !all.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO account_attribute (tenant, guest, connector, name, claims, generation, observed, observed_value, ours,
        overwritten, attempts, last_error, next_attempt_at)
      SELECT * FROM unnest(\(all.map(\.tenant)), \(all.map(\.id.guest)), \(all.map(\.id.connector)),
        \(all.map(\.id.name)), \(try all.map { try StoredClaim.json($0.claims) }), \(all.map(\.generation)),
        \(all.map(\.observed.word)), \(all.map(\.observed.text)), \(try all.map { try JSONText.of($0.ours.sorted()) }),
        \(all.map(\.overwritten)), \(all.map(\.attempts)), \(all.map { $0.lastError?.rawValue ?? "" }), \(all.map(\.nextAttemptAt)))
      ON CONFLICT (guest, connector, name, tenant) DO UPDATE
      SET claims = excluded.claims, generation = excluded.generation, observed = excluded.observed,
        observed_value = excluded.observed_value, ours = excluded.ours, overwritten = excluded.overwritten,
        attempts = excluded.attempts, last_error = excluded.last_error, next_attempt_at = excluded.next_attempt_at
      """)
  }

  func delete(_ all: [AccountAttribute]) throws {
    guard !all.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM account_attribute AS a
      USING unnest(\(all.map(\.tenant)), \(all.map(\.id.guest)), \(all.map(\.id.connector)), \(all.map(\.id.name)))
        AS n (tenant, guest, connector, name)
      WHERE a.tenant = n.tenant AND a.guest = n.guest AND a.connector = n.connector AND a.name = n.name
      """)
  }
}

extension AccountAttribute: RowDecodable {
  package init(_ row: inout Row) throws {
    let tenant = try row.next(UUID.self)
    let id = ID(guest: try row.next(), connector: try row.next(), name: try row.next())
    let claims = try StoredClaim.claims(try row.next())
    let (generation, word) = (try row.next(Int.self), try row.next(String.self))
    let text = try row.next(String?.self)
    self.init(
      id: id, tenant: tenant, claims: claims, generation: generation,
      observed: word == "unknown" ? .unknown : Observed(text),
      ours: Set(try JSONText.strings(try row.next())), overwritten: try row.next(), attempts: try row.next(),
      lastError: TargetError(rawValue: try row.next()), nextAttemptAt: try row.next())
  }
}

extension AccountAttribute.ID: Comparable {
  package static func < (left: Self, right: Self) -> Bool {
    if left.guest != right.guest { return left.guest < right.guest }
    return (left.connector, left.name) < (right.connector, right.name)
  }
}

extension AccountAttribute.Observed {
  fileprivate var word: String {
    switch self {
    case .unknown: "unknown"
    case .empty: "empty"
    case .value: "value"
    }
  }

  fileprivate var text: String? {
    switch self {
    case .unknown, .empty: nil
    case .value(let text): text
    }
  }
}

/// A claim as its column holds it.
private struct StoredClaim: Codable {
  let assignment: UUID
  let value: String
  let since: Int64
  let isPersisted: Bool

  static func json(_ claims: [UUID: AccountAttribute.Claim]) throws -> JSONB {
    let stored = claims.sorted { $0.key < $1.key }.map { assignment, claim in
      StoredClaim(
        assignment: assignment, value: claim.value, since: claim.since.microseconds,
        isPersisted: claim.isPersisted)
    }
    return JSONB(String(decoding: try JSONEncoder().encode(stored), as: UTF8.self))
  }

  static func claims(_ stored: JSONB) throws -> [UUID: AccountAttribute.Claim] {
    let claims = try JSONDecoder().decode([StoredClaim].self, from: Data(stored.text.utf8))
    return Dictionary(
      uniqueKeysWithValues: claims.map {
        (
          $0.assignment,
          AccountAttribute.Claim(
            value: $0.value, since: Date(microseconds: $0.since), isPersisted: $0.isPersisted)
        )
      })
  }
}

private enum JSONText {
  static func of(_ strings: [String]) throws -> JSONB {
    JSONB(String(decoding: try JSONEncoder().encode(strings), as: UTF8.self))
  }

  static func strings(_ stored: JSONB) throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data(stored.text.utf8))
  }
}
