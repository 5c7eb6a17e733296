import EntitlementModel
import Foundation
import Postgres

/// The end of an organization's contract on its way to the assignments of its people.
struct ContractCap: Sendable, Hashable {
  let organization: UUID
  let tenant: UUID
  let version: Version
  /// The last assignment that was looked at.
  var reached: UUID = .lowest
  let begunAt: Date
}

/// The organizations the end of whose contract has not come to all their people yet.
struct ContractCapTable {
  let connection: Connection

  /// Lets no cap of these organizations begin until the transaction ends: what it grants goes by the contract as it is.
  func share(_ organizations: Set<UUID>) throws {
    try lock("pg_advisory_xact_lock_shared", organizations)
  }

  /// Waits for those who are granting something to these organizations' people.
  func begin(_ caps: [ContractCap]) throws {
    guard !caps.isEmpty else { return }
    let newest = Dictionary(caps.map { ($0.organization, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.organization < $1.organization }
    try lock("pg_advisory_xact_lock", Set(newest.map(\.organization)))
    try connection.execute(
      """
      INSERT INTO contract_cap AS c (organization, tenant, epoch, version, begun_at)
      SELECT * FROM unnest(\(newest.map(\.organization)), \(newest.map(\.tenant)),
        \(newest.map { Int32($0.version.epoch) }), \(newest.map(\.version.number)), \(newest.map(\.begunAt)))
      ON CONFLICT (organization) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, begun_at = excluded.begun_at, reached = DEFAULT
      WHERE (c.epoch, c.version) <= (excluded.epoch, excluded.version)
      """)
  }

  /// Takes any, so that one which can not go on does not hold up the others; another copy takes another.
  func claim() throws -> ContractCap? {
    let claimed: [ContractCap] = try connection.rows(
      """
      SELECT organization, tenant, epoch, version, reached, begun_at FROM contract_cap
      ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED
      """)
    return claimed.first
  }

  func goOn(_ cap: ContractCap) throws {
    try connection.execute(
      "UPDATE contract_cap SET reached = \(cap.reached) WHERE organization = \(cap.organization)")
  }

  func finish(_ cap: ContractCap) throws {
    try connection.execute("DELETE FROM contract_cap WHERE organization = \(cap.organization)")
  }

  /// Seconds that the oldest is on its way; 0 when there is none.
  func oldest() throws -> Double {
    try connection.value(
      "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(begun_at)), 0)::float8 FROM contract_cap",
      as: Double.self)
  }

  private func lock(_ function: SQL, _ organizations: Set<UUID>) throws {
    guard !organizations.isEmpty else { return }
    try connection.execute(
      "SELECT \(function)(hashtextextended(o::text, 7)) FROM unnest(\(organizations.sorted())) AS o")
  }
}

extension ContractCap: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      organization: try row.next(), tenant: try row.next(),
      version: Version(epoch: try row.next(), number: try row.next()), reached: try row.next(),
      begunAt: try row.next())
  }
}
