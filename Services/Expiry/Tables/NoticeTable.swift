import Contracts
import EntitlementModel
import Foundation
import Messaging
import Postgres

/// A notice that was told.
struct ToldNotice: Sendable {
  let id: UUID
  let notice: Notice
  let toldAt: Date
}

/// The ledger of notices.
struct NoticeTable {
  let connection: Connection

  /// Notes notices that are being told.
  ///
  /// - Returns: those that had not been told before.
  func note(_ notices: [Notice], _ work: Work) throws -> Set<Notice> {
    guard !notices.isEmpty else { return [] }
    let sorted = Set(notices).sorted {
      ($0.about, $0.kind.rawValue, $0.recipient) < ($1.about, $1.kind.rawValue, $1.recipient)
    }
    let ids = sorted.map { _ in work.newID() }
    let told = Set(
      try connection.values(
        """
        INSERT INTO notice (tenant, id, kind, about, recipient, moment, due_at, told_at)
        SELECT n.tenant, n.id, n.kind, n.about, n.recipient, n.moment, n.due_at, \(work.now)
        FROM unnest(\(sorted.map(\.tenant)), \(ids), \(sorted.map(\.kind)), \(sorted.map(\.about)),
          \(sorted.map(\.recipient)), \(sorted.map(\.moment)), \(sorted.map(\.dueAt)))
          AS n (tenant, id, kind, about, recipient, moment, due_at)
        ON CONFLICT DO NOTHING RETURNING id
        """, as: UUID.self))
    return Set(zip(ids, sorted).filter { told.contains($0.0) }.map(\.1))
  }

  /// A page in the order in which they were told.
  func page(
    tenant: UUID, recipient: UUID?, about: UUID?, after id: UUID?, limit: Int
  ) throws -> [ToldNotice] {
    var sql: SQL = """
      SELECT tenant, id, kind, about, recipient, moment, due_at, told_at FROM notice WHERE
      """
    // Found by whom it was told, or by whom it is about, where that is asked; else by the tenant.
    sql += recipient == nil && about == nil ? " tenant = \(tenant)" : " (tenant = \(tenant)) IS TRUE"
    if let recipient { sql += " AND recipient = \(recipient)" }
    if let about { sql += " AND about = \(about)" }
    if let id { sql += " AND id > \(id)" }
    return try connection.rows(sql + " ORDER BY id LIMIT \(limit)") { row in
      let (tenant, id) = (try row.next(UUID.self), try row.next(UUID.self))
      let notice = Notice(
        tenant: tenant, kind: try row.next(), about: try row.next(), recipient: try row.next(),
        moment: try row.next(), dueAt: try row.next())
      return ToldNotice(id: id, notice: notice, toldAt: try row.next())
    }
  }
}

extension Notice.Kind: SQLValue {}

extension Work {
  /// Records notices that no event tells.
  func record(_ notices: Set<Notice>) {
    let sorted = notices.sorted {
      ($0.about, $0.kind.rawValue, $0.recipient) < ($1.about, $1.kind.rawValue, $1.recipient)
    }
    for notice in sorted {
      record(
        .noticeTold, of: notice.about, tenant: notice.tenant, by: .system,
        details: AuditDetails(["notice": notice.kind.rawValue, "recipient": notice.recipient.text]))
    }
  }
}
