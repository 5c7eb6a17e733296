import AMQP
import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Synchronization
import TestSupport

/// Brings messages again that have been delivered: any order, any age, under their own event ids or new ones.
actor Echo {
  private static let queue = "reference-echo"
  private static let kept = 2_000
  private let administration: Administration
  private let publisher: Publisher
  private var heard: [Message] = []

  init(_ running: RunningSystem) async throws {
    let broker = try AMQPConfiguration(url: running.system.amqpURL)
    administration = Administration(broker, logger: RunningSystem.logger)
    publisher = Publisher(broker, logger: RunningSystem.logger)
    try await administration.declare([
      .queue(Self.queue), .binding(queue: Self.queue, exchange: Topology.exchange, routingKey: "#"),
    ])
  }

  /// Publishes some of what was heard since the last call and before.
  func repeatSome(_ count: Int, _ random: inout SeededRandom) async throws {
    try await listen(&random)
    var again: [Message] = []
    for message in heard.shuffled(using: &random).prefix(count) {
      let isNew = Bool.random(using: &random)
      again.append(
        isNew ? message.renamed(UUID(at: Date(), entropy: (random.next(), random.next()))) : message)
    }
    try await publisher.publish(again)
  }

  /// After the broker was away.
  func reconnect() async throws {
    try await eventually(within: .seconds(60), "the broker answers") {
      (try? await administration.status(ofQueue: Self.queue)) != nil
    }
  }

  private func listen(_ random: inout SeededRandom) async throws {
    while true {
      let news = try await administration.get(Self.queue, limit: 1_000)
      if news.isEmpty { return }
      try await administration.acknowledge(news.map(\.tag))
      for delivery in news {
        let message = Message(
          exchange: Topology.exchange, routingKey: delivery.routingKey, headers: delivery.headers.entries,
          contentType: delivery.contentType, body: delivery.body)
        if heard.count < Self.kept {
          heard.append(message)
        } else {
          heard[Int.random(in: heard.indices, using: &random)] = message
        }
      }
    }
  }
}

extension Message {
  fileprivate func renamed(_ id: UUID) -> Message {
    Message(
      exchange: exchange, routingKey: routingKey,
      headers: headers.map { name, value in
        (name, name == "ce-id" ? .string(id.uuidString.lowercased()) : value)
      },
      contentType: contentType, body: body)
  }
}
