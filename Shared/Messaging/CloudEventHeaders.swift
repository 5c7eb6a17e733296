import AMQP
import Contracts
import EntitlementModel
import Foundation

/// CloudEvents 1.0 attributes as `ce-` headers: the RabbitMQ binding that the CloudEvents libraries read.
enum CloudEventHeaders {
  static func message(_ event: Event, epoch: Int, source: ServiceName) -> Message {
    Message(
      exchange: Topology.exchange,
      routingKey: event.type.rawValue,
      headers: [
        ("ce-specversion", .string("1.0")),
        ("ce-id", .string(event.id.text)),
        ("ce-type", .string(event.type.cloudEventType)),
        ("ce-source", .string("/\(source.rawValue)")),
        ("ce-subject", .string(event.aggregate.text)),
        ("ce-tenant", .string(event.tenant.text)),
        ("ce-epoch", .int64(Int64(epoch))),
        ("ce-sequence", .int64(Int64(event.number))),
      ],
      contentType: "application/protobuf",
      body: event.body,
      isMandatory: !event.type.readers.isEmpty)
  }

  /// What a delivery says of itself; nil with the reason when it is no event of ours.
  static func read(_ delivery: Delivery) throws(DeadLetterReason) -> Envelope {
    guard let type = EventType(cloudEventType: delivery.headers.string("ce-type")) else {
      throw .unknownType(delivery.headers.string("ce-type") ?? delivery.routingKey)
    }
    return Envelope(
      id: try uuid("ce-id", in: delivery), type: type, aggregate: try uuid("ce-subject", in: delivery),
      tenant: try uuid("ce-tenant", in: delivery),
      version: Version(
        epoch: try integer("ce-epoch", in: delivery), number: try integer("ce-sequence", in: delivery)))
  }

  private static func uuid(_ name: String, in delivery: Delivery) throws(DeadLetterReason) -> UUID {
    guard let id = delivery.headers.string(name).flatMap({ UUID(text: $0) }) else {
      throw .malformed("header \(name)")
    }
    return id
  }

  private static func integer(_ name: String, in delivery: Delivery) throws(DeadLetterReason) -> Int {
    guard let value = delivery.headers.integer(name) else { throw .malformed("header \(name)") }
    return Int(value)
  }
}

struct Envelope: Sendable, Identifiable {
  let id: UUID
  let type: EventType
  let aggregate: UUID
  let tenant: UUID
  let version: Version
}

extension EventType {
  private static let byCloudEventType = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.cloudEventType, $0) })

  init?(cloudEventType: String?) {
    guard let cloudEventType, let type = Self.byCloudEventType[cloudEventType] else { return nil }
    self = type
  }
}

/// Why a message became a dead letter: a stable code and a sentence without personal data.
package enum DeadLetterReason: Error, Sendable {
  case unknownType(String)
  case malformed(String)
  case tooOld
  case refused(code: String, message: String)

  package var code: String {
    switch self {
    case .unknownType: "unknownType"
    case .malformed: "malformed"
    case .tooOld: "tooOld"
    case .refused(let code, _): code
    }
  }

  package var message: String {
    switch self {
    case .unknownType(let type): "No service here knows the event type \(type)."
    case .malformed(let what): "The message can not be read: \(what)."
    case .tooOld: "The event is older than the 30 days for which duplicates are known."
    case .refused(_, let message): message
    }
  }
}
