import Contracts
import EntitlementModel
package import Foundation
package import Postgres
package import Protocols
import SwiftProtobuf

/// The rows `audit_pending`, `audit`, `audit_head` and `audit_words`.
package struct AuditTable {
  let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// Where a tenant's chain ends, and after which position what is kept of it begins.
  package struct Head: Sendable, Equatable {
    package var position: Int64 = 0
    package var hash = Data()
    package var prunedPosition: Int64 = 0
    package var prunedHash = Data()
  }

  /// Of several copies of the service one seals at a time, so that the chain is in the order of the transactions.
  func isSealer() throws -> Bool {
    try connection.value(
      "SELECT pg_try_advisory_xact_lock(hashtext('seal_audit' || current_schema()))", as: Bool.self)
  }

  /// The oldest entries that are not sealed. What is not committed yet is sealed later: the order of sealing is the
  /// chain's.
  func pending(limit: Int) throws -> [(work: UUID, entries: [Vestibule_Model_V1_AuditEntry])] {
    try connection.rows("SELECT work, entries FROM audit_pending ORDER BY work LIMIT \(limit)") { row in
      let work = try row.next(UUID.self)
      return (work, try Vestibule_Model_V1_AuditEntries(serializedBytes: row.next([UInt8].self)).entries)
    }
  }

  func settle(_ works: [UUID]) throws {
    try connection.execute("DELETE FROM audit_pending WHERE work = ANY(\(works))")
  }

  func lockHeads(_ tenants: some Sequence<UUID>) throws -> [UUID: Head] {
    let sorted = tenants.sorted()
    try connection.execute(
      "INSERT INTO audit_head (tenant) SELECT * FROM unnest(\(sorted)) ON CONFLICT (tenant) DO NOTHING")
    return Dictionary(
      uniqueKeysWithValues: try connection.rows(
        """
        SELECT tenant, position, hash, pruned_position, pruned_hash FROM audit_head
        WHERE tenant = ANY(\(sorted)) ORDER BY tenant FOR UPDATE
        """
      ) { row in (try row.next(UUID.self), try Head(&row)) })
  }

  package func head(of tenant: UUID) throws -> Head {
    try connection.row(
      """
      SELECT position, hash, pruned_position, pruned_hash FROM audit_head WHERE tenant = \(tenant)
      """
    ) { row in try Head(&row) } ?? Head()
  }

  func save(_ heads: [UUID: Head]) throws {
    let rows = heads.sorted { $0.key < $1.key }
    try connection.execute(
      """
      UPDATE audit_head AS h SET position = n.position, hash = n.hash
      FROM unnest(\(rows.map(\.key)), \(rows.map(\.value.position)), \(rows.map { [UInt8]($0.value.hash) }))
        AS n (tenant, position, hash)
      WHERE h.tenant = n.tenant
      """)
  }

  func insert(_ records: [Vestibule_Model_V1_AuditRecord]) throws {
    let entries = records.map(\.entry)
    try connection.execute(
      """
      INSERT INTO audit (tenant, position, previous, hash, work, ordinal, at, initiator, role, action, kind, object,
        version, codes, commitment)
      SELECT * FROM unnest(\(try entries.map { try Field.id($0.tenant, at: "tenant") }),
        \(records.map(\.position)), \(records.map { [UInt8]($0.previous) }), \(records.map { [UInt8]($0.hash) }),
        \(try entries.map { try Field.id($0.work, at: "work") }), \(entries.map(\.ordinal)),
        \(try entries.map { try Field.instant($0.at, at: "at") }), \(entries.map { UUID(text: $0.initiator) }),
        \(entries.map(\.role)), \(entries.map(\.action)), \(entries.map(\.kind)),
        \(try entries.map { try Field.id($0.object, at: "object") }), \(entries.map(\.version)),
        \(entries.map(\.codes)), \(entries.map { [UInt8]($0.commitment) }))
      """)
  }

  /// Where a row stands, what seals it, and when it was recorded.
  struct Link {
    let position: Int64
    let hash: Data
    let at: Date
  }

  /// The oldest rows that are kept.
  func beginning(of tenant: UUID, after position: Int64, limit: Int) throws -> [Link] {
    try connection.rows(
      """
      SELECT position, hash, at FROM audit WHERE tenant = \(tenant) AND position > \(position)
      ORDER BY position LIMIT \(limit)
      """
    ) { row in Link(position: try row.next(), hash: Data(try row.next([UInt8].self)), at: try row.next()) }
  }

  /// Forgets everything up to a row, and remembers that row.
  func prune(_ tenant: UUID, through last: Link) throws {
    try connection.execute(
      """
      DELETE FROM audit_words w USING audit a
      WHERE a.tenant = \(tenant) AND a.position <= \(last.position) AND a.commitment <> ''
        AND w.work = a.work AND w.ordinal = a.ordinal AND w.tenant = a.tenant
      """)
    try connection.execute("DELETE FROM audit WHERE tenant = \(tenant) AND position <= \(last.position)")
    try connection.execute(
      """
      UPDATE audit_head SET pruned_position = \(last.position), pruned_hash = \([UInt8](last.hash))
      WHERE tenant = \(tenant)
      """)
  }

  /// A part of a tenant's chain, with the words that were not erased.
  package func page(
    of tenant: UUID, after position: Int64, limit: Int
  ) throws -> [Vestibule_Model_V1_AuditRecord] {
    try connection.rows(
      """
      SELECT a.tenant, a.work, a.ordinal, a.at, a.initiator, a.role, a.action, a.kind, a.object, a.version, a.codes,
        a.commitment, a.position, a.previous, a.hash, w.salt, w.words, w.subject
      FROM (SELECT * FROM audit WHERE tenant = \(tenant) AND position > \(position) ORDER BY position LIMIT \(limit)) a
      LEFT JOIN audit_words w
        ON w.work = a.work AND w.ordinal = a.ordinal AND w.tenant = a.tenant AND a.commitment <> ''
      ORDER BY a.position
      """)
  }
}

extension AuditTable.Head: RowDecodable {
  package init(_ row: inout Row) throws {
    (position, hash) = (try row.next(), Data(try row.next([UInt8].self)))
    (prunedPosition, prunedHash) = (try row.next(), Data(try row.next([UInt8].self)))
  }
}

extension Vestibule_Model_V1_AuditRecord: RowDecodable {
  package init(_ row: inout Row) throws {
    self.init()
    entry = try Vestibule_Model_V1_AuditEntry(&row)
    (position, previous) = (try row.next(), Data(try row.next([UInt8].self)))
    hash = Data(try row.next([UInt8].self))
    let (salt, text) = (try row.next([UInt8]?.self), try row.next(String?.self))
    let subject = try row.next(UUID?.self)
    guard let salt, let text else { return }
    words = .with { ($0.salt, $0.text, $0.subject) = (Data(salt), text, subject?.text ?? "") }
  }
}

extension Vestibule_Model_V1_AuditEntry: RowDecodable {
  package init(_ row: inout Row) throws {
    self.init()
    (tenant, work) = (try row.next(UUID.self).text, try row.next(UUID.self).text)
    (ordinal, at) = (try row.next(), Google_Protobuf_Timestamp(try row.next(Date.self)))
    (initiator, role) = (try row.next(UUID?.self)?.text ?? "", try row.next())
    (action, kind, object) = (try row.next(), try row.next(), try row.next(UUID.self).text)
    (version, codes) = (try row.next(), try row.next())
    commitment = Data(try row.next([UInt8].self))
  }
}
