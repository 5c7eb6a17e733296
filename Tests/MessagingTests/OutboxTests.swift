import AMQP
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing
import TestSupport

@testable import Messaging

/// Goal: what a transaction tells reaches the broker once it has committed, whatever happens in between.
@Suite("Outbox") struct OutboxTests {
  @Test("What a transaction tells is published from memory, and its row goes")
  func publishesFromMemory() async throws {
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    try await running(outbox) {
      let transactor = bench.transactor(outbox)
      for number in 0..<10 {
        try await transactor.commit(tenants: []) { try Note.tell("\(number)", $0) }
      }
      try await eventually(equals: 10) { try await bench.waiting(on: bench.service.queue) }
      try await bench.eventuallyEmptyOutbox()
    }
  }

  @Test("A transaction that throws tells nothing")
  func aFailedTransactionTellsNothing() async throws {
    struct Failure: Error {}
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    try await running(outbox) {
      let transactor = bench.transactor(outbox)
      await #expect(throws: Failure.self) {
        try await transactor.commit(tenants: []) { work in
          try Note.tell("lost", work)
          throw Failure()
        }
      }
      try await transactor.commit(tenants: []) { try Note.tell("kept", $0) }
      try await eventually(equals: 1) { try await bench.waiting(on: bench.service.queue) }
    }
    #expect(try await bench.count("outbox") == 0)
    let letters = try await bench.administration.get(bench.service.queue, limit: 10)
    #expect(try letters.map { try Note.Body(serializedBytes: $0.body).aggregate } == ["kept"])
  }

  @Test("A transaction that tells nothing leaves no row")
  func silence() async throws {
    let bench = try await MessagingBench()
    try await bench.transactor(bench.outbox()).commit(tenants: []) { _ in }
    #expect(try await bench.count("outbox") == 0)
  }

  @Test("Rows that a dead process left behind are swept by any copy, each once")
  func sweepsWhatACrashLeft() async throws {
    let bench = try await MessagingBench()
    let dead = bench.transactor(bench.outbox())
    for number in 0..<120 { try await dead.commit(tenants: []) { try Note.tell("\(number)", $0) } }
    #expect(try await bench.count("outbox") == 120)
    try await running(bench.outbox(), bench.outbox()) {
      try await bench.eventuallyEmptyOutbox()
      #expect(try await bench.waiting(on: bench.service.queue) == 120)
    }
  }

  @Test("Room wakes all who wait for it, also when none of them has anything to publish then")
  func wakesAllWaiters() async throws {
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    let transactor = bench.transactor(outbox)
    for number in 0..<2 { try await transactor.commit(tenants: []) { try Note.tell("\(number)", $0) } }
    let waiters = (0..<5).map { _ in Task { await transactor.waitForRoom() } }
    try await eventually(equals: 5) { await outbox.waiting.count }
    try await running(outbox) { try await eventually(equals: 0) { await outbox.waiting.count } }
    for waiter in waiters { await waiter.value }
  }

  @Test("A broker that can not be reached while publishing costs a wait, not an event")
  func survivesAnUnreachableBroker() async throws {
    let bench = try await MessagingBench()
    var nowhere = bench.broker
    nowhere.port = 1
    let failing = bench.outbox(at: nowhere)
    try await running(failing) {
      let transactor = bench.transactor(failing)
      for number in 0..<5 { try await transactor.commit(tenants: []) { try Note.tell("\(number)", $0) } }
      await transactor.waitForRoom()
    }
    #expect(try await bench.count("outbox") == 5)
    try await bench.execute("UPDATE provisioning.outbox SET leased_until = '-infinity'")
    try await running(bench.outbox()) { try await bench.eventuallyEmptyOutbox() }
    #expect(try await bench.waiting(on: bench.service.queue) == 5)
  }

  @Test("A message that no queue takes keeps its row until one does; others of its batch go")
  func keepsWhatIsReturned() async throws {
    let bench = try await MessagingBench()
    let key = EventType.assignmentExpiryDue.rawValue
    let dead = bench.transactor(bench.outbox())
    try await dead.commit(tenants: []) { try Note.tell("unroutable", $0) }
    try await dead.commit(tenants: []) { work in
      try work.tell(.guestBlockDue, UUID(), tenant: UUID(), number: 1, by: .system, Note.body("routable"))
    }
    try await bench.administration.unbind(
      queue: bench.service.queue, exchange: Topology.exchange, routingKey: key)
    try await running(bench.outbox()) {
      try await eventually(equals: 1) { try await bench.count("outbox") }
      #expect(try await bench.waiting(on: bench.service.queue) == 1)
      try await bench.administration.declare(Topology.declarations)
      try await bench.execute("UPDATE provisioning.outbox SET leased_until = '-infinity'")
      try await bench.eventuallyEmptyOutbox()
    }
    #expect(try await bench.waiting(on: bench.service.queue) == 2)
  }

  @Test("An event without readers is published and forgotten")
  func publishesWithoutReaders() async throws {
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    try await running(outbox) {
      try await bench.transactor(outbox).commit(tenants: []) { work in
        try work.tell(
          .assignmentExpiring, UUID(), tenant: UUID(), number: 1, by: .system, Note.body("notice"))
      }
      try await bench.eventuallyEmptyOutbox()
    }
  }

  @Test("A cancelled publisher ends, and what it was given stays stored")
  func endsWhenCancelled() async throws {
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    let run = Task { try await outbox.run() }
    run.cancel()
    try await run.value
    try await bench.transactor(outbox).commit(tenants: []) { try Note.tell("stored", $0) }
    #expect(try await bench.count("outbox") == 1)
  }

  @Test("Events of a restored schema bear its raised epoch")
  func stampsTheEpoch() async throws {
    let bench = try await MessagingBench()
    try await bench.execute("UPDATE provisioning.epoch SET value = 7")
    let outbox = bench.outbox()
    try await running(outbox) {
      try await bench.transactor(outbox).commit(tenants: []) { try Note.tell("note", $0) }
      try await eventually(equals: 1) { try await bench.waiting(on: bench.service.queue) }
    }
    let delivery = try #require(await bench.administration.get(bench.service.queue, limit: 1).first)
    #expect(delivery.headers.integer("ce-epoch") == 7)
    #expect(delivery.headers.string("ce-type") == "vestibule.assignment.expiry-due.v1")
    #expect(delivery.headers.string("ce-source") == "/provisioning")
  }
}
