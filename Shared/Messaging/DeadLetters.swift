package import AMQP
import Contracts
package import Foundation

/// A message that a service could not take, as an operator sees it.
package struct DeadLetter: Sendable {
  package let service: ServiceName
  package let event: String
  package let type: String
  package let code: String
  package let reason: String
  package let attempts: Int
}

/// An operator's view of a service's dead-letter queue.
package struct DeadLetters: Sendable {
  private let administration: Administration
  private let publisher: Publisher
  private let service: ServiceName

  package init(administration: Administration, publisher: Publisher, service: ServiceName) {
    (self.administration, self.publisher, self.service) = (administration, publisher, service)
  }

  /// What is there, up to `limit`; leaves it there.
  package func list(limit: Int) async throws -> [DeadLetter] {
    let deliveries = try await administration.get(service.deadLetterQueue, limit: limit)
    try await administration.requeue(deliveries.map(\.tag))
    return deliveries.map(describe)
  }

  /// Puts them back on this service's own queue under their own event ids, so that whoever folded one already
  /// knows it. Each leaves the dead-letter queue only when the broker has confirmed its return.
  package func replay(limit: Int) async throws -> Int {
    let deliveries = try await administration.get(service.deadLetterQueue, limit: limit)
    try await publisher.publish(
      deliveries.map { delivery in
        Message(
          exchange: "", routingKey: service.queue,
          headers: delivery.headers.entries.filter { $0.name.hasPrefix("ce-") }.map { ($0.name, $0.value) },
          contentType: delivery.contentType, body: delivery.body, isMandatory: true)
      })
    try await administration.acknowledge(deliveries.map(\.tag))
    return deliveries.count
  }

  /// Throws them away.
  package func drop(limit: Int) async throws -> Int {
    let deliveries = try await administration.get(service.deadLetterQueue, limit: limit)
    try await administration.acknowledge(deliveries.map(\.tag))
    return deliveries.count
  }

  /// Throws those away that name one of these, whatever else they say; the others stay.
  package func drop(naming ids: Set<UUID>) async throws -> Int {
    let deliveries = try await administration.get(service.deadLetterQueue, limit: .max)
    guard !deliveries.isEmpty else { return 0 }
    let names = ids.map { Array($0.text.utf8) }
    let named = deliveries.filter { delivery in
      ids.contains { $0.text == delivery.headers.string("ce-subject") }
        || names.contains { delivery.body.contains($0) }
    }
    let gone = Set(named.map(\.tag))
    try await administration.requeue(deliveries.map(\.tag).filter { !gone.contains($0) })
    try await administration.acknowledge(named.map(\.tag))
    return named.count
  }

  private func describe(_ delivery: Delivery) -> DeadLetter {
    DeadLetter(
      service: service, event: delivery.headers.string("ce-id") ?? "",
      type: delivery.headers.string("x-original-routing-key") ?? delivery.headers.string("ce-type") ?? "",
      code: delivery.headers.string("x-reason-code") ?? "deliveryLimit",
      reason: delivery.headers.string("x-reason") ?? "Its consumers died on it as often as the queue allows.",
      attempts: Int(delivery.headers.integer("x-attempts") ?? 0))
  }
}
