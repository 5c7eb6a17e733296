import Foundation
import Postgres

/// What a caller calls a request of its own, so that asking twice asks once.
struct IdempotencyKey: Hashable, Sendable {
  enum Operation: String, Sendable, SQLValue { case submit, extend, remove, updateAnswers, changePolicy }

  let tenant: UUID
  let caller: String
  let operation: Operation
  let text: String
}

/// A key with the digest of the body that came with it and the request that answers it.
struct IdempotencyClaim: Sendable {
  let key: IdempotencyKey
  let body: UUID
  let request: UUID
}

/// The rows `idempotency`.
struct IdempotencyTable {
  let connection: Connection
  static let retention: TimeInterval = 30 * 86_400

  /// Claims the keys that nobody has used.
  ///
  /// - Returns: of those that somebody has, the claim that counts.
  func claim(_ claims: [IdempotencyClaim], at now: Date) throws -> [IdempotencyKey: IdempotencyClaim] {
    guard !claims.isEmpty else { return [:] }
    let rows = claims.sorted { ($0.key.caller, $0.key.text) < ($1.key.caller, $1.key.text) }
    let won = Set(
      try connection.values(
        """
        INSERT INTO idempotency (tenant, caller, operation, key, body, request, created_at)
        SELECT *, \(now) FROM unnest(\(rows.map(\.key.tenant)), \(rows.map(\.key.caller)),
          \(rows.map(\.key.operation)), \(rows.map(\.key.text)), \(rows.map(\.body)), \(rows.map(\.request)))
        ON CONFLICT DO NOTHING RETURNING request
        """, as: UUID.self))
    return try earlier(
      rows.map(\.key).enumerated().filter { !won.contains(rows[$0.offset].request) }.map(\.element))
  }

  /// Gives back the keys of requests that were not made.
  func release(_ requests: [UUID], keys: [IdempotencyKey]) throws {
    guard !keys.isEmpty else { return }
    try connection.execute(
      """
      DELETE FROM idempotency i USING unnest(\(keys.map(\.tenant)), \(keys.map(\.caller)), \(keys.map(\.operation)),
        \(keys.map(\.text)), \(requests)) AS k (tenant, caller, operation, key, request)
      WHERE (i.tenant, i.caller, i.operation, i.key) = (k.tenant, k.caller, k.operation, k.key)
        AND i.request = k.request
      """)
  }

  /// Has other requests answer from now on.
  func point(_ claims: [(claim: IdempotencyClaim, answer: UUID)]) throws {
    guard !claims.isEmpty else { return }
    let keys = claims.map(\.claim.key)
    try connection.execute(
      """
      UPDATE idempotency i SET request = k.answer
      FROM unnest(\(keys.map(\.tenant)), \(keys.map(\.caller)), \(keys.map(\.operation)), \(keys.map(\.text)),
        \(claims.map(\.claim.request)), \(claims.map(\.answer))) AS k (tenant, caller, operation, key, request, answer)
      WHERE (i.tenant, i.caller, i.operation, i.key) = (k.tenant, k.caller, k.operation, k.key)
        AND i.request = k.request
      """)
  }

  /// Forgets old keys, a few at a time.
  ///
  /// - Returns: how many.
  func prune(before moment: Date, limit: Int) throws -> Int {
    try connection.execute(
      """
      DELETE FROM idempotency WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM idempotency WHERE created_at < \(moment) LIMIT \(limit) FOR UPDATE SKIP LOCKED))
      """)
  }

  private func earlier(_ keys: [IdempotencyKey]) throws -> [IdempotencyKey: IdempotencyClaim] {
    guard !keys.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT i.tenant, i.caller, i.operation, i.key, i.body, i.request
      FROM unnest(\(keys.map(\.tenant)), \(keys.map(\.caller)), \(keys.map(\.operation)), \(keys.map(\.text)))
        AS k (tenant, caller, operation, key)
      JOIN idempotency i ON (i.tenant, i.caller, i.operation, i.key) = (k.tenant, k.caller, k.operation, k.key)
      """
    ) { row in
      IdempotencyClaim(
        key: IdempotencyKey(
          tenant: try row.next(), caller: try row.next(), operation: try row.next(), text: try row.next()),
        body: try row.next(), request: try row.next())
    }
    return Dictionary(rows.map { ($0.key, $0) }) { first, _ in first }
  }
}
