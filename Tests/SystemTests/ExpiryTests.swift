import AMQP
import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: access ends when its time is up, and stays ended.
  @Suite("Ended access") struct ExpiryTests {
    @Test("Expired access comes back neither with a restart nor with old messages, known or in new clothes")
    func staysExpired() async throws {
      let running = try await RunningSystem.shared()
      let recorder = try await Recorder(running)
      let (person, desk) = (try await running.system.issuer.strangers(1)[0], running.desk)
      try await running.apply(workshop: "PT3S")
      let asked = try await desk.submit(running.sample.workshop, by: person)
      try await running.apply()
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      #expect(try await running.memberships(of: [asked.target.subject]) == 0)
      try await running.comesToRest()
      let ended = try await state(of: asked.id, running)

      for service in [ServiceName.provisioning, .expiry, .requestIntake] {
        try await running.system.copies(of: service)[0].restart()
      }
      try await desk.awaitAnswers(to: running.system.issuer.sponsor())
      try await recorder.replay(about: asked.id, asNew: false)
      try await recorder.replay(about: asked.id, asNew: true)
      try await running.comesToRest()
      #expect(try await state(of: asked.id, running) == ended)
      #expect(try await running.memberships(of: [asked.target.subject]) == 0)
      #expect(try await running.requests([asked.id], in: "delivered") == 1)
    }

    private func state(of assignment: String, _ running: RunningSystem) async throws -> [String] {
      try await running.rows(
        """
        SELECT a.state, a.version, a.ended_at, g.presence, d.due_at
        FROM provisioning.assignment a
        JOIN provisioning.guest g ON g.id = a.target
        JOIN expiry.deadline d ON d.aggregate = a.id
        WHERE a.id = '\(assignment)'
        """)
    }
  }
}

/// Keeps a copy of every message about requests and assignments, to bring it again later.
private struct Recorder {
  private static let queue = "recorder"
  private let administration: Administration
  private let publisher: Publisher

  init(_ running: RunningSystem) async throws {
    let broker = try AMQPConfiguration(url: running.system.amqpURL)
    administration = Administration(broker, logger: RunningSystem.logger)
    publisher = Publisher(broker, logger: RunningSystem.logger)
    try await administration.declare(
      [.queue(Self.queue)]
        + ["request.*", "assignment.*"].map {
          .binding(queue: Self.queue, exchange: Topology.exchange, routingKey: $0)
        })
  }

  /// Publishes what was told about an aggregate once more: under its own event ids, or under new ones, as a
  /// republication does.
  func replay(about aggregate: String, asNew: Bool) async throws {
    let all = try await administration.get(Self.queue, limit: 10_000)
    let told = all.filter { $0.headers.string("ce-subject") == aggregate }
    #expect(told.count >= 3)
    try await publisher.publish(
      told.map { delivery in
        let headers = delivery.headers.entries.map { name, value in
          (name, asNew && name == "ce-id" ? HeaderValue.string(newID().text) : value)
        }
        return Message(
          exchange: Topology.exchange, routingKey: delivery.routingKey, headers: headers,
          contentType: delivery.contentType, body: delivery.body)
      })
    try await administration.requeue(all.map(\.tag))
  }

  private func newID() -> UUID {
    UUID(at: Date(), entropy: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }
}
