import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres
import Protocols
import SwiftProtobuf

/// A confirmation with the change that it is about.
struct StoredConfirmation: Sendable {
  var confirmation: PendingConfirmation
  let change: Vestibule_Model_V1_GuardedChange
}

/// The rows `confirmation`.
struct ConfirmationTable {
  let connection: Connection

  /// The same change of the same version of the same object that waits already.
  func findWaiting(_ stored: StoredConfirmation) throws -> StoredConfirmation? {
    let (key, tenant) = (try Self.key(of: stored), stored.confirmation.tenant)
    let found: [StoredConfirmation] = try connection.rows(
      """
      SELECT \(Self.columns) FROM confirmation
      WHERE change_key = \(key) AND (tenant = \(tenant)) IS TRUE AND state = 'pending'
      """)
    return found.first
  }

  func find(_ id: UUID, tenant: UUID) throws -> StoredConfirmation? {
    let found: [StoredConfirmation] = try connection.rows(
      "SELECT \(Self.columns) FROM confirmation WHERE id = \(id) AND (tenant = \(tenant)) IS TRUE")
    return found.first
  }

  func lock(_ ids: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredConfirmation] {
    let found: [StoredConfirmation] = try connection.rows(
      """
      SELECT \(Self.columns) FROM confirmation WHERE id = ANY(\(ids.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      ORDER BY id FOR UPDATE
      """)
    return Dictionary(uniqueKeysWithValues: found.map { ($0.confirmation.id, $0) })
  }

  /// A page, oldest first.
  func page(tenant: UUID, pendingOnly: Bool, after id: UUID?, limit: Int) throws -> [StoredConfirmation] {
    var sql: SQL = "SELECT \(Self.columns) FROM confirmation WHERE tenant = \(tenant)"
    if pendingOnly { sql += " AND state = 'pending'" }
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)")
  }

  /// What waits of changes that concern the person, or that the person asked for.
  func waiting(about person: Subject) throws -> [UUID] {
    let mention = "%\(person.id.uuidString.lowercased())%"
    return try connection.values(
      """
      SELECT id FROM confirmation WHERE tenant = \(person.tenant) AND state = 'pending'
        AND (asked_subject = \(person.id) OR sample @> ARRAY[\(person.id)] OR change::text LIKE \(mention))
      ORDER BY id
      """, as: UUID.self)
  }

  func insert(_ stored: StoredConfirmation) throws {
    let (confirmation, key) = (stored.confirmation, try Self.key(of: stored))
    try connection.execute(
      """
      INSERT INTO confirmation (id, tenant, version, state, change, change_key, object, object_version, widens, people,
        sample, asked_subject, asked_issuer, asked_external_subject, asked_at, expires_at)
      SELECT \(confirmation.id), \(confirmation.tenant), \(confirmation.version), \(confirmation.state),
        \(JSONB(try Self.text(of: stored.change))), \(key), \(confirmation.object), \(confirmation.objectVersion),
        \(confirmation.widens.map(\.rawValue)), \(confirmation.people), \(confirmation.sample), a.subject,
        \(confirmation.askedBy.identity.issuer), \(confirmation.askedBy.identity.subject), \(confirmation.askedAt),
        \(confirmation.expiresAt)
      FROM unnest(\([confirmation.askedBy.subject])) AS a (subject)
      """)
  }

  /// Writes what became of them; people's values go with the decision.
  func update(_ stored: [StoredConfirmation]) throws {
    let decided = stored.map(\.confirmation)
    let changes = try stored.map { try Self.text(of: $0.change.withoutPersonalValues) }
    try connection.execute(
      """
      UPDATE confirmation AS c
      SET version = n.version, state = n.state, decided_subject = n.subject, decided_issuer = n.issuer,
        decided_external_subject = n.external_subject, decided_at = n.at,
        change = n.change::jsonb
      FROM unnest(\(decided.map(\.id)), \(decided.map(\.version)), \(decided.map(\.state)),
        \(decided.map(\.decidedBy?.subject)), \(decided.map(\.decidedBy?.identity.issuer)),
        \(decided.map(\.decidedBy?.identity.subject)), \(decided.map(\.decidedAt)), \(changes))
        AS n (id, version, state, subject, issuer, external_subject, at, change)
      WHERE c.id = n.id
      """)
  }

  /// Forgets old ones that are decided, a few at a time, with their deadlines.
  ///
  /// - Returns: how many.
  func prune(before moment: Date, limit: Int) throws -> Int {
    let old = try connection.values(
      "SELECT id FROM confirmation WHERE decided_at < \(moment) ORDER BY decided_at LIMIT \(limit)",
      as: UUID.self)
    guard !old.isEmpty else { return 0 }
    try DeadlineTable(connection: connection).remove(old)
    return try connection.execute("DELETE FROM confirmation WHERE id = ANY(\(old.sorted()))")
  }

  private static func key(of stored: StoredConfirmation) throws -> UUID {
    UUID(namedBy: [
      try text(of: stored.change.withoutSigningInstant), "\(stored.confirmation.objectVersion)",
    ])
  }

  private static func text(of change: Vestibule_Model_V1_GuardedChange) throws -> String {
    var options = JSONEncodingOptions()
    options.useDeterministicOrdering = true
    return try change.jsonString(options: options)
  }

  private static let columns: SQL = """
    id, tenant, version, state, object, object_version, widens, people, sample, asked_subject, asked_issuer,
    asked_external_subject, asked_at, expires_at, decided_subject, decided_issuer, decided_external_subject, decided_at,
    change
    """
}

extension PendingConfirmation.State: SQLValue {}

extension StoredConfirmation: RowDecodable {
  init(_ row: inout Row) throws {
    let (id, tenant, version) = (try row.next(UUID.self), try row.next(UUID.self), try row.next(Int.self))
    let state = try row.next(PendingConfirmation.State.self)
    let (object, objectVersion) = (try row.next(UUID.self), try row.next(Int.self))
    let widens = try row.next([String].self).compactMap(Widening.init(rawValue:))
    let (people, sample) = (try row.next(Int.self), try row.next([UUID].self))
    let asker = Administrator(
      subject: try row.next(), identity: Identity(issuer: try row.next(), subject: try row.next()))
    let (askedAt, expiresAt) = (try row.next(Date.self), try row.next(Date.self))
    let (decider, issuer, name) = (
      try row.next(UUID?.self), try row.next(String?.self), try row.next(String?.self)
    )
    let identity = issuer.flatMap { issuer in name.map { Identity(issuer: issuer, subject: $0) } }
    confirmation = PendingConfirmation(
      id: id, tenant: tenant, version: version, state: state, object: object, objectVersion: objectVersion,
      widens: widens, people: people, sample: sample, askedBy: asker, askedAt: askedAt, expiresAt: expiresAt,
      decidedBy: identity.map { Administrator(subject: decider, identity: $0) }, decidedAt: try row.next())
    change = try Vestibule_Model_V1_GuardedChange(jsonString: try row.next(JSONB.self).text)
  }
}
