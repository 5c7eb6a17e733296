import Foundation
import Postgres
import Testing
import TestSupport

@testable import Messaging

/// Goal: 30 days of events are known, and no older day costs anything.
@Suite("Inbox") struct InboxTests {
  private func days(_ bench: MessagingBench) async throws -> [Substring] {
    try await bench.execute(
      """
      SELECT relname FROM pg_class WHERE relnamespace = 'provisioning'::regnamespace
        AND relkind = 'r' AND relname ~ '^inbox_[0-9]' ORDER BY relname
      """
    ).split(separator: "\n")
  }

  @Test("There is a partition for each of the last 31 and the next 7 days, kept by the service's own role")
  func keepsPartitions() async throws {
    let bench = try await MessagingBench()
    #expect(try await days(bench).count == 39)
    try await bench.execute("SET search_path = provisioning; SELECT keep_inbox(current_date + 20)")
    let later = try await days(bench)
    #expect(later.count == 39)
    try await InboxUpkeep(database: bench.database)()
    #expect(try await days(bench).count == 59)
    #expect(try await days(bench).suffix(39) == later[...])
  }

  @Test("A running service makes the partitions by itself, and ends without waiting for the next hour")
  func upkeepRuns() async throws {
    let bench = try await MessagingBench()
    try await bench.execute("SET search_path = provisioning; SELECT keep_inbox(current_date + 20)")
    let upkeep = Upkeep(
      "inbox", logger: MessagingBench.logger, work: InboxUpkeep(database: bench.database).callAsFunction)
    let running = Task { try await upkeep.run() }
    try await eventually(within: .seconds(30), equals: 59) { try await days(bench).count }
    running.cancel()
    try await running.value
  }

  @Test("An event's row lies in the partition of its day")
  func rowsLieByDay() async throws {
    let bench = try await MessagingBench()
    let day = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
    let moments = [day, day + 86_399.999, day + 86_400, day - 0.001, day - 31 * 86_400]
    try await bench.database.transaction { connection in
      let claimed = try InboxTable(connection: connection).claim(moments.map { Note.newID(at: $0) })
      #expect(claimed.count == moments.count)
    }
    let counts = try await bench.execute(
      "SELECT count(*) FROM provisioning.inbox GROUP BY tableoid ORDER BY min(event::text)")
    #expect(counts == "1\n1\n2\n1\n")
    #expect(try await bench.count("inbox_default") == 0)
  }

  @Test("A claim says which events are new, once")
  func claimsOnce() async throws {
    let bench = try await MessagingBench()
    let ids = (0..<10).map { _ in Note.newID() }
    func claim(_ ids: [UUID]) async throws -> Set<UUID> {
      try await bench.database.transaction { try InboxTable(connection: $0).claim(ids) }
    }
    #expect(try await claim(Array(ids.prefix(4)) + ids.prefix(2)) == Set(ids.prefix(4)))
    #expect(try await claim(ids) == Set(ids.dropFirst(4)))
    #expect(try await claim(ids).isEmpty)
  }
}
