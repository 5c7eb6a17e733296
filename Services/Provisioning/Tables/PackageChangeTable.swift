import EntitlementModel
import Foundation
import Postgres

/// A package's change on its way to those who hold it.
struct PackageChange: Sendable, Hashable {
  let package: UUID
  let tenant: UUID
  let version: Version
  /// The last assignment that was brought up to it.
  var reached: UUID = .lowest
  /// How many assignments were looked at.
  var done = 0
  let begunAt: Date
}

/// The packages whose changes have not come to all their holders yet.
struct PackageChangeTable {
  let connection: Connection

  /// Lets no change of these packages begin until the transaction ends: what it delivers is what the package is.
  func share(_ packages: Set<UUID>) throws {
    try lock("pg_advisory_xact_lock_shared", packages)
  }

  /// Waits for those who are delivering these packages.
  func begin(_ changes: [PackageChange]) throws {
    guard !changes.isEmpty else { return }
    let newest = Dictionary(changes.map { ($0.package, $0) }) { $0.version < $1.version ? $1 : $0 }.values
      .sorted { $0.package < $1.package }
    try lock("pg_advisory_xact_lock", Set(newest.map(\.package)))
    try connection.execute(
      """
      INSERT INTO package_change AS c (package, tenant, epoch, version, begun_at)
      SELECT * FROM unnest(\(newest.map(\.package)), \(newest.map(\.tenant)), \(newest.map { Int32($0.version.epoch) }),
        \(newest.map(\.version.number)), \(newest.map(\.begunAt)))
      ON CONFLICT (package) DO UPDATE
      SET epoch = excluded.epoch, version = excluded.version, begun_at = excluded.begun_at, reached = DEFAULT,
        done = 0
      WHERE (c.epoch, c.version) <= (excluded.epoch, excluded.version)
      """)
  }

  /// Takes any change, so that one which can not go on does not hold up the others; another copy takes another.
  func claim() throws -> PackageChange? {
    let claimed: [PackageChange] = try connection.rows(
      "SELECT \(Self.columns) FROM package_change ORDER BY random() LIMIT 1 FOR UPDATE SKIP LOCKED")
    return claimed.first
  }

  func goOn(_ change: PackageChange) throws {
    try connection.execute(
      """
      UPDATE package_change SET reached = \(change.reached), done = \(change.done) WHERE package = \(change.package)
      """)
  }

  func finish(_ change: PackageChange) throws {
    try connection.execute("DELETE FROM package_change WHERE package = \(change.package)")
  }

  /// A tenant's, oldest first, with how many assignments are still to be looked at.
  func list(of tenant: UUID) throws -> [(change: PackageChange, left: Int)] {
    try connection.rows(
      """
      SELECT \(Self.columns), (
        SELECT count(*) FROM assignment a WHERE a.access_package = c.package AND a.id > c.reached
          AND a.state IN ('delivering', 'partiallyDelivered', 'delivered'))
      FROM package_change c WHERE tenant = \(tenant) ORDER BY begun_at
      """
    ) { row in (change: try PackageChange(&row), left: try row.next()) }
  }

  /// Seconds that the oldest change is on its way; 0 when there is none.
  func oldest() throws -> Double {
    try connection.value(
      "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(begun_at)), 0)::float8 FROM package_change",
      as: Double.self)
  }

  private static let columns: SQL = "package, tenant, epoch, version, reached, done, begun_at"

  private func lock(_ function: SQL, _ packages: Set<UUID>) throws {
    guard !packages.isEmpty else { return }
    try connection.execute(
      "SELECT \(function)(hashtextextended(p::text, 3)) FROM unnest(\(packages.sorted())) AS p")
  }
}

extension PackageChange: RowDecodable {
  init(_ row: inout Row) throws {
    self.init(
      package: try row.next(), tenant: try row.next(),
      version: Version(epoch: try row.next(), number: try row.next()), reached: try row.next(),
      done: try row.next(), begunAt: try row.next())
  }
}
