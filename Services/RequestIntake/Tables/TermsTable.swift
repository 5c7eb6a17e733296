import EntitlementModel
import Foundation
import Postgres

/// That somebody has accepted terms.
struct StoredAcceptance: Sendable {
  let tenant: UUID
  let person: UUID
  let accepted: AcceptedTerms
  let at: Date
}

/// The rows `terms_text` and `terms_acceptance`.
struct TermsTable {
  let connection: Connection

  /// Where a page of acceptances goes on.
  struct Key: Sendable, Equatable {
    let person: UUID
    let terms: UUID
    let version: Int
  }

  /// Keeps the texts of the version that counts now; what has been kept is not touched.
  func keep(_ terms: TermsOfUse, tenant: UUID) throws {
    let texts = terms.localizations.merging(["": terms.text]) { _, text in text }.sorted { $0.key < $1.key }
    try connection.execute(
      """
      INSERT INTO terms_text (tenant, terms, version, language, text)
      SELECT \(tenant), \(terms.id), \(terms.version), * FROM unnest(\(texts.map(\.key)), \(texts.map(\.value)))
      ON CONFLICT DO NOTHING
      """)
  }

  /// The texts of a version by language; none for a version that never was.
  func texts(of terms: UUID, version: Int, tenant: UUID) throws -> [String: String] {
    let rows = try connection.rows(
      """
      SELECT language, text FROM terms_text
      WHERE terms = \(terms) AND version = \(version) AND (tenant = \(tenant)) IS TRUE
      """
    ) { row in (try row.next(String.self), try row.next(String.self)) }
    return Dictionary(rows) { first, _ in first }
  }

  /// Lets nobody else say what these people have accepted, or judge by it, until the transaction ends: an acceptance and
  /// an assignment that waits for it would miss each other.
  func serialize(_ people: Set<UUID>) throws {
    guard !people.isEmpty else { return }
    try connection.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended(p::text, 3)) FROM unnest(\(people.sorted())) AS p")
  }

  /// Puts acceptances on record; the first one of a version counts.
  func record(_ acceptances: [StoredAcceptance]) throws {
    guard !acceptances.isEmpty else { return }
    let rows = acceptances.sorted {
      ($0.person, $0.accepted.terms, $0.accepted.version) < (
        $1.person, $1.accepted.terms, $1.accepted.version
      )
    }
    try connection.execute(
      """
      INSERT INTO terms_acceptance (tenant, person, terms, version, language, accepted_at)
      SELECT * FROM unnest(\(rows.map(\.tenant)), \(rows.map(\.person)), \(rows.map(\.accepted.terms)),
        \(rows.map(\.accepted.version)), \(rows.map(\.accepted.language)), \(rows.map(\.at)))
      ON CONFLICT DO NOTHING
      """)
  }

  /// What these people have accepted.
  func accepted(by people: Set<UUID>, tenants: Set<UUID>) throws -> [UUID: Set<TermsDemand.AcceptedVersion>] {
    guard !people.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT person, terms, version FROM terms_acceptance
      WHERE person = ANY(\(people.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """
    ) { row in
      (try row.next(UUID.self), TermsDemand.AcceptedVersion(terms: try row.next(), version: try row.next()))
    }
    return Dictionary(grouping: rows, by: \.0).mapValues { Set($0.map(\.1)) }
  }

  /// A page of acceptances, by person.
  func page(
    tenant: UUID, person: UUID?, terms: UUID?, after key: Key?, limit: Int
  ) throws -> [StoredAcceptance] {
    var sql: SQL = """
      SELECT person, terms, version, language, accepted_at FROM terms_acceptance WHERE tenant = \(tenant)
      """
    if let person { sql += " AND person = \(person)" }
    if let terms { sql += " AND terms = \(terms)" }
    if let key { sql += " AND (person, terms, version) > (\(key.person), \(key.terms), \(key.version))" }
    return try connection.rows(sql + " ORDER BY person, terms, version LIMIT \(limit)") { row in
      let person = try row.next(UUID.self)
      let accepted = AcceptedTerms(
        terms: try row.next(), version: try row.next(), language: try row.next())
      return StoredAcceptance(tenant: tenant, person: person, accepted: accepted, at: try row.next())
    }
  }
}
