import AMQP
import Foundation
import Postgres
import Protocols
import Testing
import TestSupport

@testable import Messaging

/// Goal: every message is folded once or is a dead letter, in whatever way it comes.
@Suite("Event consumer") struct EventConsumerTests {
  private func withConsumer(
    _ bench: MessagingBench, copies: Int = 1, _ body: () async throws -> Void
  ) async throws {
    let outbox = bench.outbox()
    let transactor = bench.transactor(outbox)
    switch copies {
    case 1: try await running(outbox, bench.consumer(transactor), body: body)
    default: try await running(outbox, bench.consumer(transactor), bench.consumer(transactor), body: body)
    }
  }

  @Test("A batch is folded in one transaction, after a first message alone")
  func foldsBatches() async throws {
    let bench = try await MessagingBench()
    try await bench.publish((0..<200).map { try Note.event("\($0)") })
    try await withConsumer(bench) {
      try await bench.settles(notes: 200)
      let sizes = try await bench.execute(
        "SELECT count(*) FROM provisioning.note GROUP BY moment ORDER BY min(text::int)")
      let first = sizes.split(separator: "\n").first
      #expect(first == "1")
      #expect(sizes.split(separator: "\n").count < 50)
    }
    #expect(try await bench.count("inbox") == 200)
  }

  @Test("Until the first commit, one message is held; then as many as are allowed")
  func startsCarefully() async throws {
    let bench = try await MessagingBench()
    try await bench.publish((0..<10).map { try Note.event("\($0)") })
    try await bench.execute("CREATE TABLE provisioning.gate (open bool)")
    try await bench.execute("GRANT SELECT ON provisioning.gate TO PUBLIC")
    let held = On(.assignmentExpiryDue, as: Note.Body.self) { events, work in
      let isOpen = try work.connection.value("SELECT exists(SELECT FROM gate)", as: Bool.self)
      guard isOpen else { throw DatabaseError(.lockNotAvailable) }
      try Note.write(events.map { ($0.id, $0.tenant, $0.body.aggregate) }, on: work.connection)
    }
    let outbox = bench.outbox()
    try await running(outbox, bench.consumer(bench.transactor(outbox), subscriptions: [held])) {
      try await eventually(equals: 9) { try await bench.waiting(on: bench.service.queue) }
      try await bench.execute("INSERT INTO provisioning.gate VALUES (true)")
      try await bench.settles(notes: 10)
    }
  }

  @Test("An event that comes twice is folded once: in one batch, in two, at two copies")
  func foldsDuplicatesOnce() async throws {
    let bench = try await MessagingBench()
    let events = try (0..<60).map { try Note.event("\($0)") }
    try await bench.publish(events + events.reversed() + events)
    try await withConsumer(bench, copies: 2) {
      try await bench.settles(notes: 60)
      try await bench.publish(events)
      try await bench.publish([try Note.event("last")])
      try await bench.settles(notes: 61)
    }
  }

  @Test("A sweep that races with the memory of the process folds nothing twice")
  func sweepRacesMemory() async throws {
    let bench = try await MessagingBench()
    let (first, second) = (bench.outbox(), bench.outbox())
    let transactor = bench.transactor(first)
    try await running(first, second, bench.consumer(transactor)) {
      for number in 0..<100 {
        try await transactor.commit(tenants: []) { work in
          try Note.tell("\(number)", work)
          try work.connection.execute("SELECT 1")
        }
        if number.isMultiple(of: 10) {
          try await bench.execute(
            """
            UPDATE provisioning.outbox
            SET created_at = created_at - interval '1 hour', leased_until = '-infinity'
            """)
        }
      }
      try await bench.eventuallyEmptyOutbox()
      try await bench.settles(notes: 100)
    }
  }

  @Test("What a copy committed and could not acknowledge is folded once")
  func diesBetweenCommitAndAcknowledgement() async throws {
    let bench = try await MessagingBench()
    let event = try Note.event("once")
    try await bench.publish([event])
    let dying = Consumer(
      bench.broker, queue: bench.service.queue, prefetch: 10, logger: MessagingBench.logger)
    try await eventually { try await dying.next(limit: 1, wait: .seconds(1)).count == 1 }
    try await bench.transactor(bench.outbox()).commit(tenants: [event.tenant]) { work in
      _ = try InboxTable(connection: work.connection).claim([event.id])
      try Note.write([(event.id, event.tenant, "once")], on: work.connection)
    }
    await dying.close()
    try await withConsumer(bench) {
      try await bench.publish([try Note.event("another")])
      try await bench.settles(notes: 2)
    }
  }

  @Test("Sessions that the database ends change no message's fate")
  func survivesEndedSessions() async throws {
    let bench = try await MessagingBench()
    try await withConsumer(bench, copies: 2) {
      for round in 0..<10 {
        try await bench.publish((0..<50).map { try Note.event("\(round) \($0)") })
        try await bench.execute(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'messaging-tests'
          """)
      }
      try await bench.settles(notes: 500)
    }
  }

  @Test("What a fold tells is stored with the fold")
  func tellsWhileFolding() async throws {
    let bench = try await MessagingBench()
    let echo = On(.guestBlockDue, as: Note.Body.self) { events, work in
      for event in events { try Note.tell(event.body.aggregate, tenant: event.tenant, work) }
    }
    let outbox = bench.outbox()
    let consumer = bench.consumer(bench.transactor(outbox), subscriptions: [echo, Note.subscription])
    try await running(outbox, consumer) {
      let events = try (0..<50).map { number in
        try Event(
          id: Note.newID(), type: .guestBlockDue, aggregate: UUID(), tenant: UUID(), number: 1,
          body: Note.body("\(number)"))
      }
      try await bench.publish(events)
      try await bench.settles(notes: 50)
      try await bench.eventuallyEmptyOutbox()
    }
  }
}
