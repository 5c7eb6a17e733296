import Dispatch
import Foundation
import Postgres
import TestSupport
import Testing

/// Goal: nothing runs or waits without bound. Method: statements that would take a minute, stopped by the task, by the
/// server's limits and by the pool's.
@Suite struct CancellationTests {
  private func isSleeping(_ database: Database) async throws -> Bool {
    try await database.transaction { connection in
      try connection.value(
        """
        SELECT count(*) > 0 FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()
          AND state = 'active'
        """, as: Bool.self)
    }
  }

  @Test func cancellingTheTaskStopsTheStatement() async throws {
    try await withDatabase { database in
      let work = Task {
        try await database.transaction { connection in
          try connection.script("CREATE TABLE left_over (a int)")
          try connection.script("SELECT pg_sleep(60)")
        }
      }
      try await eventually { try await isSleeping(database) }
      let started = ContinuousClock.now
      work.cancel()
      await #expect(throws: CancellationError.self) { try await work.value }
      #expect(ContinuousClock.now - started < .seconds(10))
      try await eventually { try await !isSleeping(database) }
      let kept = try await database.transaction {
        try $0.value("SELECT to_regclass('left_over') IS NOT NULL", as: Bool.self)
      }
      #expect(!kept)
    }
  }

  @Test func aCancelledTaskDoesNotBegin() async throws {
    try await withDatabase { database in
      let runs = RunCounter()
      let work = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await database.transaction { _ in _ = runs.next() }
      }
      await #expect(throws: CancellationError.self) { try await work.value }
      #expect(runs.total == 0)
    }
  }

  @Test func bodiesBlockNobodyElse() async throws {
    let sessions = 8
    try await withDatabase({ $0.sessions = sessions }) { database in
      let arrivals = (0..<sessions).map { _ in DispatchSemaphore(value: 0) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for own in 0..<sessions {
          group.addTask {
            try await database.transaction { connection in
              for other in arrivals { other.signal() }
              for _ in 0..<sessions { arrivals[own].wait() }
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func statementsTimeOut() async throws {
    try await withDatabase({ $0.statementTimeout = .milliseconds(50) }) { database in
      let stopped = try await code {
        try await database.transaction { try $0.script("SELECT pg_sleep(60)") }
      }
      #expect(stopped == .queryCanceled)
    }
  }

  @Test func lockWaitsTimeOut() async throws {
    try await withDatabase({ $0.lockTimeout = .milliseconds(50) }) { database in
      let (locked, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      async let holder: Void = database.transaction { connection in
        try connection.script("SELECT pg_advisory_xact_lock(1)")
        locked.signal()
        done.wait()
      }
      let refused = try await code {
        try await database.transaction { connection in
          locked.wait()
          try connection.script("SELECT pg_advisory_xact_lock(1)")
        }
      }
      done.signal()
      try await holder
      #expect(refused == .lockNotAvailable)
    }
  }

  @Test func thePoolRefusesMoreThanItsWaiters() async throws {
    try await withDatabase {
      $0.sessions = 1
      $0.waiters = 0
    } _: { database in
      let (busy, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      async let holder: Void = database.transaction { _ in
        busy.signal()
        done.wait()
      }
      await onAThread { busy.wait() }
      let refused = try await code { try await database.transaction { _ in } }
      done.signal()
      try await holder
      #expect(refused == .poolExhausted)
    }
  }

  @Test func waitersAreServedInOrderAndMayLeave() async throws {
    try await withDatabase({ $0.sessions = 1 }) { database in
      let (busy, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      async let holder: Void = database.transaction { _ in
        busy.signal()
        done.wait()
      }
      await onAThread { busy.wait() }
      let impatient = Task { try await database.transaction { _ in } }
      impatient.cancel()
      await #expect(throws: CancellationError.self) { try await impatient.value }
      async let waiting = database.transaction { try $0.value("SELECT 7", as: Int.self) }
      done.signal()
      try await holder
      #expect(try await waiting == 7)
    }
  }

  @Test func closingWaitsForWhatIsInHand() async throws {
    try await withDatabase({ $0.sessions = 1 }) { database in
      let (busy, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      async let holder = database.transaction { connection in
        busy.signal()
        done.wait()
        return try connection.value("SELECT 1", as: Int.self)
      }
      await onAThread { busy.wait() }
      async let closing: Void = database.close()
      done.signal()
      #expect(try await holder == 1)
      await closing
      let refused = try await code { try await database.transaction { _ in } }
      #expect(refused == .closed)
    }
  }

  /// Waits outside the cooperative pool.
  private func onAThread(_ work: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "postgres-tests.wait").async {
        work()
        continuation.resume()
      }
    }
  }
}
