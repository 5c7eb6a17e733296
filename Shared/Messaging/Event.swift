package import EntitlementModel
package import Foundation
package import SwiftProtobuf

/// Something a service tells: the whole public state of an aggregate at a version.
package struct Event: Sendable {
  package let id: UUID
  package let type: EventType
  package let aggregate: UUID
  package let tenant: UUID
  /// The aggregate's version number; the epoch is the schema's, stamped when the event is stored.
  package let number: Int
  package let body: [UInt8]

  package init(
    id: UUID, type: EventType, aggregate: UUID, tenant: UUID, number: Int, body: some SwiftProtobuf.Message
  ) throws {
    (self.id, self.type, self.aggregate) = (id, type, aggregate)
    (self.tenant, self.number) = (tenant, number)
    self.body = try body.serializedBytes()
  }

  init(id: UUID, type: EventType, aggregate: UUID, tenant: UUID, number: Int, bytes: [UInt8]) {
    (self.id, self.type, self.aggregate) = (id, type, aggregate)
    (self.tenant, self.number, self.body) = (tenant, number, bytes)
  }
}

/// An event as a reader gets it, decoded.
package struct Received<Body: SwiftProtobuf.Message & Sendable>: Sendable {
  package let id: UUID
  package let type: EventType
  package let aggregate: UUID
  package let tenant: UUID
  package let version: EntitlementModel.Version
  package let body: Body
}
