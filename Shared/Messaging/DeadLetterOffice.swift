import AMQP
import Foundation
import Logging

/// Puts what could not be taken on the service's dead-letter queue, confirmed, with the reason: only then may the
/// original be acknowledged.
struct DeadLetterOffice: Sendable {
  let service: ServiceName
  let publisher: Publisher
  let logger: Logger

  func take(_ delivery: Delivery, because reason: DeadLetterReason) async throws {
    let described: [(String, HeaderValue)] = [
      ("x-reason-code", .string(reason.code)),
      ("x-reason", .string(String(reason.message.prefix(1_000)))),
      ("x-original-routing-key", .string(delivery.routingKey)),
      ("x-attempts", .int64(Int64(delivery.deliveryCount + 1))),
    ]
    let original = delivery.headers.entries.filter { $0.name.hasPrefix("ce-") }
    try await publisher.publish([
      Message(
        exchange: "", routingKey: service.deadLetterQueue,
        headers: original.map { ($0.name, $0.value) } + described, contentType: delivery.contentType,
        body: delivery.body, isMandatory: true)
    ])
    logger.error(
      "dead letter",
      metadata: ["code": "\(reason.code)", "reason": "\(reason.message)", "type": "\(delivery.routingKey)"])
  }

  func close() async {
    await publisher.close()
  }
}
