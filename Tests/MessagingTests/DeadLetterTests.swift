import AMQP
import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import TestSupport
import Testing

@testable import Messaging

/// Goal: bad input never gets in and never gets lost.
@Suite("Dead letters") struct DeadLetterTests {
  @Test("A message that can not be read becomes a dead letter with its reason", arguments: Damage.allCases)
  func explainsDamage(_ damage: Damage) async throws {
    let bench = try await MessagingBench()
    let outbox = bench.outbox()
    try await running(outbox, bench.consumer(bench.transactor(outbox))) {
      try await bench.publish([damage.message()])
      try await bench.publish([try Note.event("good")])
      try await bench.awaitNotes(1)
      try await eventually(equals: 1) { try await bench.waiting(on: bench.service.deadLetterQueue) }
      try await bench.eventuallyEmpty(bench.service.queue)
    }
    let letter = try #require(try await bench.deadLetters().list(limit: 10).first)
    #expect(letter.code == damage.code)
    #expect(letter.type == bench.service.queue)
    #expect(letter.attempts == 1)
    #expect(!letter.reason.isEmpty)
    #expect(try await bench.count("inbox") == 1)
  }

  @Test("One culprit among 200 goes alone, and the others are folded", arguments: Culprit.allCases)
  func isolatesTheCulprit(_ culprit: Culprit) async throws {
    let bench = try await MessagingBench()
    var events = try (0..<200).map { try Note.event("\($0)") }
    events[137] = try Note.event(culprit.rawValue)
    try await bench.publish(events)
    let refusing = On(.assignmentExpiryDue, as: Note.Body.self) { events, work in
      if events.contains(where: { $0.body.aggregate == Culprit.refused.rawValue }) {
        throw Refusal(.malformed, "Nobody may be called so.", field: "name")
      }
      try Note.write(events.map { ($0.id, $0.tenant, $0.body.aggregate) }, on: work.connection)
    }
    let outbox = bench.outbox()
    try await running(outbox, bench.consumer(bench.transactor(outbox), subscriptions: [refusing])) {
      try await bench.awaitNotes(199)
      try await bench.eventuallyEmpty(bench.service.queue)
    }
    let letters = try await bench.deadLetters().list(limit: 10)
    #expect(letters.map(\.event) == [events[137].id.uuidString.lowercased()])
    #expect(letters.map(\.type) == [EventType.assignmentExpiryDue.rawValue])
    #expect(letters.map(\.code) == [culprit.code])
    #expect(letters.map(\.attempts) == [1])
    #expect(try await bench.count("inbox") == 199)
  }

  @Test("Of an error that is not ours a dead letter tells the type, and never the words")
  func foreignErrors() async throws {
    let bench = try await MessagingBench()
    try await bench.publish([try Note.event("anna@fabrikam.example")])
    let reading = On(.assignmentExpiryDue, as: Note.Body.self) { events, _ in
      throw Talkative(description: events[0].body.aggregate)
    }
    let outbox = bench.outbox()
    try await running(outbox, bench.consumer(bench.transactor(outbox), subscriptions: [reading])) {
      try await eventually(equals: 1) { try await bench.waiting(on: bench.service.deadLetterQueue) }
    }
    let letter = try #require(try await bench.deadLetters().list(limit: 10).first)
    #expect(letter.code == "Talkative" && letter.reason == "Talkative")
  }

  @Test("What is logged of an error are codes, fields and constraints")
  func loggable() {
    let secret = "anna@fabrikam.example"
    let rows: [(any Error, String)] = [
      (
        DatabaseError(.uniqueViolation, subject: "subject_email", message: secret),
        "database error 23505 (subject_email)"
      ),
      (Refusal(.malformed, secret, field: "email", hint: secret), "malformed email"),
      (Refusal(.notFound, secret), "notFound"),
      (ContractError(.required, field: "target.subject", expected: secret), "required target.subject"),
      (Talkative(description: secret), "Talkative"),
      (DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: secret)), "DecodingError"),
      (CancellationError(), "CancellationError"),
    ]
    for (error, expected) in rows { #expect(error.loggable == expected) }
  }

  /// An error whose words hold what was being read.
  private struct Talkative: Error, CustomStringConvertible { let description: String }

  @Test("A replayed dead letter is folded under its own id, once")
  func replays() async throws {
    let bench = try await MessagingBench()
    let event = try Note.event("mended")
    try await bench.bury([event, event])
    let letters = bench.deadLetters()
    #expect(try await letters.list(limit: 1).count == 1)
    #expect(try await letters.replay(limit: 10) == 2)
    #expect(try await letters.list(limit: 10).isEmpty)
    let outbox = bench.outbox()
    try await running(outbox, bench.consumer(bench.transactor(outbox))) { try await bench.settles(notes: 1) }
  }

  @Test("Those that name somebody who was erased go, by their subject or by what they say; the others stay")
  func dropsNamed() async throws {
    let bench = try await MessagingBench()
    let (erased, other) = (try Note.event("one"), UUID())
    try await bench.bury([erased, try Note.event("of \(other.text)"), try Note.event("kept")])
    let letters = bench.deadLetters()
    #expect(try await letters.drop(naming: [UUID()]) == 0)
    #expect(try await letters.drop(naming: [erased.aggregate, other]) == 2)
    #expect(try await letters.list(limit: 10).count == 1)
    #expect(try await letters.drop(naming: [erased.aggregate, other]) == 0)
  }

  @Test("Looking at dead letters, however often, leaves them there; dropping takes as many as said")
  func listsAndDrops() async throws {
    let bench = try await MessagingBench()
    try await bench.bury((0..<5).map { try Note.event("\($0)") })
    let letters = bench.deadLetters()
    for _ in 0..<30 { #expect(try await letters.list(limit: 10).count == 5) }
    #expect(try await letters.drop(limit: 2) == 2)
    #expect(try await letters.list(limit: 10).count == 3)
  }
}

/// What is wrong with a message, and the code that its dead letter bears.
enum Damage: CaseIterable {
  case body, headers, identifier, type, foreignType, age, nothing

  var code: String {
    switch self {
    case .body, .headers, .identifier: "malformed"
    case .type, .foreignType, .nothing: "unknownType"
    case .age: "tooOld"
    }
  }

  func message() throws -> Message {
    let monthsAgo = Date(timeIntervalSinceNow: -31 * 86_400)
    var message = Note.message(try Note.event(at: self == .age ? monthsAgo : Date()))
    (message.exchange, message.routingKey) = ("", ServiceName.provisioning.queue)
    switch self {
    case .body: message.body = [0xFF, 0xFF, 0xFF]
    case .headers: message.headers.removeAll { $0.0 == "ce-tenant" }
    case .identifier: message.replace("ce-id", with: "no uuid")
    case .type: message.replace("ce-type", with: "vestibule.nobody.knows.v1")
    case .foreignType: message.replace("ce-type", with: EventType.tenantChanged.cloudEventType)
    case .age: break
    case .nothing: (message.headers, message.body) = ([], [])
    }
    return message
  }
}

/// Who keeps a batch from being folded.
enum Culprit: String, CaseIterable {
  /// The use case refuses it.
  case refused
  /// The database does, by a constraint.
  case forbidden

  var code: String {
    switch self {
    case .refused: Reason.Code.malformed.rawValue
    case .forbidden: "23514"
    }
  }
}

extension Message {
  fileprivate mutating func replace(_ name: String, with value: String) {
    headers = headers.map { $0.0 == name ? (name, .string(value)) : $0 }
  }
}

extension MessagingBench {
  /// Puts events on the dead-letter queue.
  fileprivate func bury(_ events: [Event]) async throws {
    try await publish(
      events.map { event in
        var message = Note.message(event)
        (message.exchange, message.routingKey) = ("", service.deadLetterQueue)
        return message
      })
  }
}
