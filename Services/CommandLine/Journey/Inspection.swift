import EntitlementModel
import Foundation
import Logging
import Postgres

/// What the databases say, whatever the services claim: read by a superuser's connection.
struct Inspection: Sendable {
  private let database: Database

  init(url: String) {
    var configuration = DatabaseConfiguration(url: url, applicationName: "vestibule inspection")
    configuration.sessions = 2
    configuration.statementTimeout = .seconds(1_800)
    database = Database(configuration, logger: Logger(label: "vestibule"))
  }

  func close() async {
    await database.close()
  }

  func count(_ sql: SQL) async throws -> Int {
    try await database.session { try $0.value(sql, as: Int.self) }
  }

  func execute(_ sql: SQL) async throws {
    _ = try await database.session { try $0.execute(sql) }
  }

  func script(_ text: String) async throws {
    try await database.session { try $0.script(text) }
  }

  func requests(_ package: UUID, in state: String, type: String = "userAdd") async throws -> Int {
    try await count(
      """
      SELECT count(*) FROM intake.request
      WHERE access_package = \(package) AND state = \(state) AND kind = \(type)
      """)
  }

  func assignments(_ package: UUID, in state: String) async throws -> Int {
    try await count(
      "SELECT count(*) FROM provisioning.assignment WHERE access_package = \(package) AND state = \(state)")
  }

  func armedDeadlines() async throws -> Int {
    try await count("SELECT count(*) FROM expiry.deadline WHERE due_at IS NOT NULL")
  }

  func memberships() async throws -> Int {
    try await count("SELECT count(*) FROM directory.membership")
  }

  /// Governed guests with neither an assignment nor a day of deletion nor an open request: must be none.
  func zombies() async throws -> Int {
    try await count(
      """
      SELECT count(*) FROM provisioning.guest g
      WHERE g.is_governed AND g.live_assignments = 0 AND g.delete_due_at IS NULL AND g.presence <> 'absent'
        AND NOT EXISTS (SELECT FROM provisioning.open_request r WHERE r.subject = g.id AND r.is_open)
      """)
  }

  func blockedGuests() async throws -> Int {
    try await count(
      "SELECT count(*) FROM provisioning.guest WHERE presence = 'blocked' AND delete_due_at IS NOT NULL")
  }

  /// Waits until a number is reached; `progress` is told each reading. Without an interval it reads seldom while
  /// the goal is far: what is measured shall not pay for being watched.
  func wait(
    for goal: Int, within limit: Duration, what: String, progress: (Int) -> Void = { _ in },
    every interval: Duration? = nil, _ read: () async throws -> Int
  ) async throws {
    let start = ContinuousClock.now
    var last = -1
    while start.duration(to: .now) < limit {
      last = try await read()
      progress(last)
      if last >= goal { return }
      let perUnit = start.duration(to: .now) / Double(max(1, last))
      try await Task.sleep(
        for: interval ?? min(max(perUnit * Double(goal - last) / 2, .milliseconds(20)), .seconds(1)))
    }
    throw Failure.unfinished("\(what): \(last) of \(goal) after \(limit)")
  }
}
