import Contracts
import EntitlementModel
package import Foundation
package import Postgres
package import Protocols
import SwiftProtobuf

/// The rows `audit_witness`: how far other services' chains reached when they last told.
package struct AuditWitness {
  let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// `audit.sealed`, in any order: of each chain the farthest end stays. Of its own chain a service is no witness.
  package func take(
    _ events: [Received<Vestibule_Events_V1_AuditEvent>], of own: ServiceName, at now: Date
  ) throws {
    let told = events.map(\.body.head).filter {
      $0.service != own.rawValue && ServiceName(rawValue: $0.service) != nil
    }
    let farthest = Dictionary(told.map { ("\($0.tenant) \($0.service)", $0) }) {
      $0.position < $1.position ? $1 : $0
    }.sorted { $0.key < $1.key }.map(\.value)
    guard !farthest.isEmpty else { return }
    try connection.execute(
      """
      INSERT INTO audit_witness AS w (tenant, service, position, hash, seen_at)
      SELECT *, \(now) FROM unnest(\(try farthest.map { try Field.id($0.tenant, at: "head.tenant") }),
        \(farthest.map(\.service)), \(farthest.map(\.position)), \(farthest.map { [UInt8]($0.hash) }))
      ON CONFLICT (tenant, service) DO UPDATE
      SET position = excluded.position, hash = excluded.hash, seen_at = excluded.seen_at
      WHERE w.position < excluded.position
      """)
  }

  package func heads(of tenant: UUID) throws -> [Vestibule_Model_V1_AuditHead] {
    try connection.rows(
      "SELECT service, position, hash FROM audit_witness WHERE tenant = \(tenant) ORDER BY service"
    ) { row in
      var head = Vestibule_Model_V1_AuditHead()
      (head.service, head.tenant) = (try row.next(), tenant.text)
      (head.position, head.hash) = (try row.next(), Data(try row.next([UInt8].self)))
      return head
    }
  }
}
