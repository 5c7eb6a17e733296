package import EntitlementModel
package import Foundation
package import Postgres
package import SwiftProtobuf

/// One open transaction and what it is going to tell. Not Sendable: it can not outlive the transaction, and there
/// is no other way to tell an event than with one in hand.
package final class Work {
  package let connection: Connection
  /// The instant of this transaction, to the microsecond: the only clock a use case has.
  package let now: Date
  private(set) var events: [Event] = []
  private(set) var trail = AuditTrail()
  private var tenants: Set<UUID>

  init(connection: Connection, now: Date, tenants: Set<UUID>) {
    (self.connection, self.now, self.tenants) = (connection, now, tenants)
  }

  /// A new UUIDv7 of this transaction's instant.
  package func newID() -> UUID {
    UUID(at: now, entropy: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }

  /// Tells a change: the event is stored with this transaction and published after it, and the change is recorded
  /// under the event's name.
  package func tell(
    _ type: EventType, _ aggregate: UUID, tenant: UUID, number: Int, by initiator: Initiator,
    details: AuditDetails = AuditDetails(), _ body: some SwiftProtobuf.Message
  ) throws {
    try tellAgain(type, aggregate, tenant: tenant, number: number, body)
    trail.add(type.rawValue, of: aggregate, tenant: tenant, number: number, by: initiator, details)
  }

  /// Tells what is, for readers that lost it: nothing has changed, so nothing is recorded.
  package func tellAgain(
    _ type: EventType, _ aggregate: UUID, tenant: UUID, number: Int, _ body: some SwiftProtobuf.Message
  ) throws {
    events.append(
      try Event(id: newID(), type: type, aggregate: aggregate, tenant: tenant, number: number, body: body))
  }

  /// Records a change that no event tells.
  package func record(
    _ action: AuditAction, of object: UUID, tenant: UUID, number: Int = 0, by initiator: Initiator,
    details: AuditDetails = AuditDetails()
  ) {
    trail.add(action.rawValue, of: object, tenant: tenant, number: number, by: initiator, details)
  }

  /// Opens the rows of these tenants too, for work that learns its tenants inside the transaction.
  package func enter(_ more: some Sequence<UUID>) throws {
    let before = tenants.count
    tenants.formUnion(more)
    guard tenants.count > before else { return }
    try connection.execute("SELECT set_config('vestibule.tenants', \(TenantSetting.text(tenants)), true)")
  }
}

/// The run-time setting that row-level security reads: the tenants whose rows a transaction may touch.
enum TenantSetting {
  static let name = "vestibule.tenants"

  static func text(_ tenants: some Sequence<UUID>) -> String {
    "{" + tenants.map(\.uuidString).joined(separator: ",") + "}"
  }
}
