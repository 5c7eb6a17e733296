import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// Forgets requests and assignments that ended longer ago than their tenant keeps them (decision 27), some at a time: here
/// at once, in the other services as they hear of it. It can be stopped at any time.
struct PruneRequests: Sendable {
  let transactor: Transactor
  let store: ConfigurationStore
  var batch = 500

  func callAsFunction() async throws {
    let tenants = try await transactor.read(tenants: []) { connection in
      try ConfigurationTable(connection: connection).tenants()
    }
    for tenant in tenants.sorted() {
      while try await prune(tenant) == batch {}
    }
  }

  /// - Returns: how many were forgotten.
  func prune(_ tenant: UUID) async throws -> Int {
    try await transactor.commit(tenants: [tenant]) { work in
      guard let configuration = try store.load([tenant], on: work.connection).tenants[tenant] else {
        return 0
      }
      let before = work.now - configuration.retention
      let table = RequestTable(connection: work.connection)
      let held = try SubjectTable(connection: work.connection).held(tenant)
      let ended = try table.ended(before: before, tenant: tenant, sparing: held, limit: batch)
      let body = Vestibule_Events_V1_RetentionEvent.with {
        ($0.tenant, $0.requests) = (tenant.text, ended.map(\.text))
      }
      let aged = held.isEmpty ? body.with(auditBefore: before) : body
      guard !ended.isEmpty else {
        // Nothing has changed, but the audit ages.
        try work.tellAgain(.recordsPruned, work.newID(), tenant: tenant, number: 1, aged)
        try age(aged, tenant, work)
        return 0
      }
      try table.forget(ended, tenant: tenant)
      try DeadlineTable(connection: work.connection).forget(ended, of: [tenant])
      try work.tell(
        .recordsPruned, work.newID(), tenant: tenant, number: 1, by: .system,
        details: AuditDetails(["requests": "\(ended.count)"]), aged)
      try age(aged, tenant, work)
      return ended.count
    }
  }

  /// Its own chain ages like the others'.
  private func age(_ event: Vestibule_Events_V1_RetentionEvent, _ tenant: UUID, _ work: Work) throws {
    guard let before = event.auditBefore.instant, event.hasAuditBefore else { return }
    try AuditRetention(connection: work.connection).keep(from: before, of: tenant)
  }
}

extension Vestibule_Events_V1_RetentionEvent {
  fileprivate func with(auditBefore instant: Date) -> Self {
    var event = self
    event.auditBefore = Google_Protobuf_Timestamp(instant)
    return event
  }
}
