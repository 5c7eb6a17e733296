import Contracts
import EntitlementModel
package import Foundation
package import Protocols

/// Forgets what a service knows of requests that are no longer kept, set-at-a-time; said again it changes nothing.
package typealias ForgetRequests = @Sendable (_ requests: [UUID], _ tenants: [UUID], Work) throws -> Void

/// `records.pruned`: what ended long ago goes here too, and what was recorded before.
package struct FollowRetention: Sendable {
  private let forget: ForgetRequests

  package init(_ forget: @escaping ForgetRequests) {
    self.forget = forget
  }

  package func callAsFunction(_ events: [Received<Vestibule_Events_V1_RetentionEvent>], _ work: Work) throws {
    let requests = try events.flatMap { try Field.ids($0.body.requests, at: "requests") }
    if !requests.isEmpty {
      try forget(requests.sorted(), Set(events.map(\.tenant)).sorted(), work)
      for event in events where !event.body.requests.isEmpty {
        work.record(
          .recordsForgotten, of: event.aggregate, tenant: event.tenant, by: .system,
          details: AuditDetails(["requests": "\(event.body.requests.count)"]))
      }
    }
    for event in events where event.body.hasAuditBefore {
      try AuditRetention(connection: work.connection)
        .keep(from: try Field.instant(event.body.auditBefore, at: "audit_before"), of: event.tenant)
    }
  }
}
