package import SwiftProtobuf
import EntitlementModel

/// What a service reads, and what it does with it: a list of `On(…)`.
@resultBuilder
package enum SubscriptionsBuilder {
  package static func buildBlock(_ subscriptions: [Subscription]...) -> [Subscription] {
    subscriptions.flatMap(\.self)
  }
  package static func buildExpression(_ subscription: Subscription) -> [Subscription] { [subscription] }
}

/// One kind of event and the fold of a whole batch of them, in one transaction. Whatever it throws that is not
/// the database's or the broker's trouble makes a dead letter of the culprit.
package struct Subscription: Sendable {
  let types: Set<EventType>
  let prepare: @Sendable ([IncomingEvent]) throws(DeadLetterReason) -> PreparedFold
}

/// A fold with its events decoded, before the transaction is opened. `isNew` says which the inbox had not seen.
typealias PreparedFold = @Sendable (_ isNew: Set<IncomingEvent.ID>, Work) throws -> Void

package func On<Body: SwiftProtobuf.Message & Sendable>(
  _ types: EventType..., as _: Body.Type, do fold: @escaping @Sendable ([Received<Body>], Work) throws -> Void
) -> Subscription {
  Subscription(types: Set(types)) { (events) throws(DeadLetterReason) in
    var received: [Received<Body>] = []
    received.reserveCapacity(events.count)
    for event in events { received.append(try event.decoded(as: Body.self)) }
    let decoded = received
    return { isNew, work in
      let fresh = decoded.filter { isNew.contains($0.id) }
      if !fresh.isEmpty { try fold(fresh, work) }
    }
  }
}

/// A delivery whose headers are an event's.
struct IncomingEvent: Sendable, Identifiable {
  let envelope: Envelope
  let body: [UInt8]

  var id: ID { envelope.id }
  typealias ID = Envelope.ID

  func decoded<Body: SwiftProtobuf.Message & Sendable>(
    as _: Body.Type
  ) throws(DeadLetterReason) -> Received<Body> {
    let message: Body
    do {
      message = try Body(serializedBytes: body)
    } catch {
      throw .malformed("body of \(envelope.type.rawValue)")
    }
    return Received(
      id: envelope.id, type: envelope.type, aggregate: envelope.aggregate, tenant: envelope.tenant,
      version: envelope.version, body: message)
  }
}
