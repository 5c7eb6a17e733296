import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Asking twice")
struct IdempotencyTests {
  @Test("The same key with the same body gives the same answer, with another body a conflict")
  func sameKey() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let first = try await intake.submit(by: ann) { $0.idempotencyKey = "k" }
      let again = try await intake.submit(by: ann) { $0.idempotencyKey = "k" }
      #expect(again.id == first.id)
      let other = intake.submission(by: ann) { ($0.idempotencyKey, $0.justification) = ("k", "other") }
      #expect(try await intake.submit([other])[0].refusalCodes == [.idempotencyConflict])
      #expect(try await intake.told(.requestApproved) == 1)
    }
  }

  @Test("Twenty with one key at once are all answered by the one request")
  func atOnce() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let ids = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<20 {
          group.addTask { try await intake.submit(by: ann) { $0.idempotencyKey = "k" }.id }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
    }
  }

  @Test("Two with one key in one batch are one")
  func inOneBatch() async throws {
    try await IntakeFixture.run { intake in
      let item = intake.submission(by: try await intake.person("ann")) { $0.idempotencyKey = "k" }
      let answers = try await intake.submit([item, item])
      #expect(try answers[0].get().id == answers[1].get().id)
    }
  }

  @Test("A refusal keeps no key: the same may be asked again")
  func refusal() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.putCatalog { $0.state = .unpublished }
      let item = intake.submission(by: ann) { $0.idempotencyKey = "k" }
      #expect(try await intake.submit([item])[0].refusalCodes == [.catalogNotPublished])
      try await intake.putCatalog()
      #expect(try await intake.submit([item])[0].refusalCodes == [])
    }
  }

  @Test("A removal that takes a waiting request back has one answer, however often it is said")
  func takenBack() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      try await intake.requireApproval()
      let waiting = try await intake.submit(by: ann)
      let answers = try await [
        intake.remove(waiting, by: ann, key: "k"), intake.remove(waiting, by: ann, key: "k"),
      ]
      #expect(try answers.map { try $0.get().id } == [waiting.id, waiting.id])
      #expect(try answers.map { try $0.get().state } == [.canceled, .canceled])
    }
  }

  @Test("Keys are forgotten after 30 days, a few at a time")
  func forgotten() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      _ = try await intake.submit(by: ann) { $0.idempotencyKey = "k" }
      let pruned = try await intake.commit { work in
        let table = IdempotencyTable(connection: work.connection)
        return [
          try table.prune(before: work.now - IdempotencyTable.retention, limit: 10),
          try table.prune(before: work.now + .days(1), limit: 10),
        ]
      }
      #expect(pruned == [0, 1])
    }
  }
}
