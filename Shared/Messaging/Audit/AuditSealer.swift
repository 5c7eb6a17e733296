import Contracts
import EntitlementModel
package import Foundation
package import Logging
package import Protocols
import ServiceLifecycle
import SwiftProtobuf

/// Chains what was committed, a tenant at a time, and tells how far each chain reaches. Whoever changes something
/// waits for nobody here.
package struct AuditSealer: Service {
  private let service: ServiceName
  private let transactor: Transactor
  private let logger: Logger

  private static let worksPerBatch = 200
  private static let pollInterval = Duration.milliseconds(300)

  package init(_ service: ServiceName, transactor: Transactor, logger: Logger) {
    (self.service, self.transactor, self.logger) = (service, transactor, logger)
  }

  package func run() async throws {
    await poll(every: Self.pollInterval, "the audit waits to be sealed", logger: logger) { try await seal() }
  }

  /// - Returns: whether there may be more to seal.
  package func seal() async throws -> Bool {
    try await transactor.commit(tenants: []) { work in
      let table = AuditTable(connection: work.connection)
      guard try table.isSealer() else { return false }
      let pending = try table.pending(limit: Self.worksPerBatch)
      guard !pending.isEmpty else { return false }
      let entries = pending.flatMap(\.entries)
      let tenants = Set(try entries.map { try Field.id($0.tenant, at: "tenant") })
      try work.enter(tenants)
      var heads = try table.lockHeads(tenants)
      try table.insert(entries.compactMap { link($0, to: &heads) })
      try table.save(heads)
      try table.settle(pending.map(\.work))
      for (tenant, head) in heads.sorted(by: { $0.key < $1.key }) {
        try work.tell(head, of: tenant, in: service)
      }
      return pending.count == Self.worksPerBatch
    }
  }

  private func link(
    _ entry: Vestibule_Model_V1_AuditEntry, to heads: inout [UUID: AuditTable.Head]
  ) -> Vestibule_Model_V1_AuditRecord? {
    guard let tenant = UUID(text: entry.tenant), var head = heads[tenant] else { return nil }
    let record = Vestibule_Model_V1_AuditRecord.with {
      ($0.entry, $0.position, $0.previous) = (entry, head.position + 1, head.hash)
      $0.hash = AuditHash.of(entry, service: service, position: $0.position, previous: $0.previous)
    }
    (head.position, head.hash) = (record.position, record.hash)
    heads[tenant] = head
    return record
  }
}

extension Work {
  /// Sealing changes nothing that would have to be recorded.
  fileprivate func tell(_ head: AuditTable.Head, of tenant: UUID, in service: ServiceName) throws {
    try tellAgain(
      .auditSealed, tenant, tenant: tenant, number: Int(head.position),
      Vestibule_Events_V1_AuditEvent.with { $0.head = head.message(service: service, tenant: tenant) })
  }
}

extension AuditTable.Head {
  package func message(service: ServiceName, tenant: UUID) -> Vestibule_Model_V1_AuditHead {
    .with {
      ($0.service, $0.tenant) = (service.rawValue, tenant.text)
      ($0.position, $0.hash) = (position, hash)
    }
  }
}
