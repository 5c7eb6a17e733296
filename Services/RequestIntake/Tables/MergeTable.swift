import EntitlementModel
import Foundation
import Postgres

/// That a subject stands in for another, and until when that can be taken back.
struct StoredMerge: Sendable {
  let tenant: UUID
  let merged: UUID
  let survivor: UUID
  let wasLinked: Bool
  let finalAt: Date
}

/// The rows `subject_merge`: kept once they are final.
struct MergeTable {
  let connection: Connection

  func save(_ merges: [StoredMerge]) throws {
    guard !merges.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO subject_merge AS m (tenant, merged, survivor, was_linked, final_at)
      SELECT * FROM unnest(\(merges.map(\.tenant)), \(merges.map(\.merged)), \(merges.map(\.survivor)),
        \(merges.map(\.wasLinked)), \(merges.map(\.finalAt)))
      ON CONFLICT (merged, tenant) DO UPDATE
      SET survivor = excluded.survivor, was_linked = excluded.was_linked, final_at = excluded.final_at
      """)
  }

  func find(_ merged: some Sequence<UUID>, tenants: Set<UUID>) throws -> [UUID: StoredMerge] {
    let rows: [StoredMerge] = try connection.rows(
      """
      SELECT tenant, merged, survivor, was_linked, final_at FROM subject_merge
      WHERE merged = ANY(\(merged.sorted())) AND (tenant = ANY(\(Array(tenants)))) IS TRUE
      """)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.merged, $0) })
  }

  func remove(_ merged: some Sequence<UUID>, tenant: UUID) throws {
    try connection.execute(
      "DELETE FROM subject_merge WHERE merged = ANY(\(merged.sorted())) AND (tenant = \(tenant)) IS TRUE")
  }
}

extension StoredMerge: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      tenant: try row.next(), merged: try row.next(), survivor: try row.next(), wasLinked: try row.next(),
      finalAt: try row.next())
  }
}
