import EntitlementModel
import Foundation
import Postgres
import Testing
import TestSupport

@testable import Messaging

/// Goal: what falls due happens once, by the newest version, and never again.
@Suite("Deadlines") struct DeadlineTests {
  private static let aggregate = UUID()
  private static let day = Date(microseconds: 1_800_000_000_000_000)

  private func deadline(
    _ number: Int, epoch: Int = 1, at dueAt: Date?, aggregate: UUID = Self.aggregate
  ) -> Deadline {
    Deadline(
      aggregate: aggregate, kind: "end", tenant: UUID(), version: Version(epoch: epoch, number: number),
      dueAt: dueAt)
  }

  private func arm(_ deadlines: [Deadline], _ bench: MessagingBench) async throws {
    try await bench.transactor(bench.outbox()).commit(tenants: []) { work in
      try DeadlineTable(connection: work.connection).arm(deadlines)
    }
  }

  private func due(_ bench: MessagingBench, at now: Date) async throws -> [Deadline] {
    try await bench.database.transaction { connection in
      try DeadlineTable(connection: connection).claim(at: now, limit: 10)
    }
  }

  @Test("The newest version counts, in whatever order versions come")
  func newestWins() async throws {
    let bench = try await MessagingBench()
    let versions = [
      deadline(2, at: Self.day), deadline(3, at: Self.day + 60), deadline(1, at: Self.day - 60),
      deadline(1, epoch: 2, at: Self.day + 120), deadline(9, at: Self.day - 120),
    ]
    for deadline in versions { try await arm([deadline], bench) }
    #expect(try await due(bench, at: Self.day + 119).isEmpty)
    #expect(try await due(bench, at: Self.day + 120).map(\.version) == [Version(epoch: 2, number: 1)])

    let together = try await MessagingBench()
    try await arm(versions.reversed(), together)
    #expect(try await due(together, at: Self.day + 120).map(\.version) == [Version(epoch: 2, number: 1)])
  }

  @Test("A retired row stays: neither an older event nor the same one again arms it")
  func staysRetired() async throws {
    let bench = try await MessagingBench()
    try await arm([deadline(4, at: nil)], bench)
    try await arm([deadline(3, at: Self.day), deadline(4, at: Self.day)], bench)
    try await arm([deadline(4, at: Self.day)], bench)
    #expect(try await due(bench, at: .distantFuture).isEmpty)
    #expect(try await bench.count("deadline") == 1)
    try await arm([deadline(5, at: Self.day)], bench)
    #expect(try await due(bench, at: Self.day).count == 1)
  }

  @Test("Two workers fire every deadline once, step by step")
  func firesOnce() async throws {
    let bench = try await MessagingBench()
    let past = Date(timeIntervalSinceNow: -3_600)
    try await arm((0..<1_200).map { _ in deadline(1, at: past, aggregate: UUID()) }, bench)
    let outbox = bench.outbox()
    let (one, other) = (worker(bench, outbox), worker(bench, outbox))
    try await running(outbox, one, other) {
      try await bench.awaitNotes(2_400)
      try await eventually(equals: 0) {
        try await bench.count("deadline WHERE due_at IS NOT NULL")
      }
    }
    #expect(try await bench.count("note") == 2_400)
    #expect(try await bench.count("note", distinct: "(event, text)") == 2_400)
    #expect(try await bench.count("deadline") == 1_200)
  }

  /// Fires each deadline twice: as a notice, then as the end.
  private func worker(_ bench: MessagingBench, _ outbox: OutboxPublisher) -> DeadlineWorker {
    DeadlineWorker(transactor: bench.transactor(outbox), logger: MessagingBench.logger) { due, work in
      let half = work.now - 1_800
      try Note.write(
        due.map { ($0.aggregate, $0.tenant, ($0.dueAt ?? work.now) < half ? "notice" : "end") },
        on: work.connection)
      return due.map { deadline in
        var next = deadline
        next.dueAt = (deadline.dueAt ?? work.now) < half ? work.now : nil
        return next
      }
    }
  }

  @Test("What was fired does not come back with a late older event")
  func staysFired() async throws {
    let bench = try await MessagingBench()
    let past = Date(timeIntervalSinceNow: -60)
    try await arm([deadline(2, at: past)], bench)
    let outbox = bench.outbox()
    let transactor = bench.transactor(outbox)
    let worker = DeadlineWorker(transactor: transactor, logger: MessagingBench.logger) { due, work in
      try Note.write(due.map { ($0.aggregate, $0.tenant, "end") }, on: work.connection)
      return due.map { deadline in
        var next = deadline
        next.dueAt = nil
        return next
      }
    }
    try await running(outbox, worker) {
      try await bench.awaitNotes(1)
      try await arm([deadline(1, at: past), deadline(2, at: past)], bench)
      try await arm([deadline(1, at: past, aggregate: UUID())], bench)
      try await bench.awaitNotes(2)
    }
    #expect(try await bench.count("note", distinct: "event") == 2)
  }
}
