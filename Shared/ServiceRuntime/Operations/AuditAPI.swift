import Contracts
import EntitlementModel
import Foundation
package import GRPCCore
import Identity
package import Messaging
package import Protocols
import SwiftProtobuf

/// What was changed in a service, by whom: for a tenant's administrators. Every service answers it of its own chain.
package struct AuditAPI: Vestibule_Api_V1_Audit.SimpleServiceProtocol {
  private let service: ServiceName
  private let transactor: Transactor

  package init(_ service: ServiceName, transactor: Transactor) {
    (self.service, self.transactor) = (service, transactor)
  }

  package func witnessed(
    request: Vestibule_Api_V1_WitnessedHeadsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_WitnessedHeadsResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Authorization.require(
      try Principal.required(), .administerTenant, AuthorizationFacts(tenant: tenant))
    let heads = try await transactor.read(tenants: [tenant]) { connection in
      try AuditWitness(connection: connection).heads(of: tenant)
    }
    return .with { $0.heads = heads }
  }

  package func list(
    request: Vestibule_Api_V1_ListAuditRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListAuditResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Authorization.require(
      try Principal.required(), .administerTenant, AuthorizationFacts(tenant: tenant))
    let (limit, filter) = (try Self.limit(request.limit), try AuditFilter(request))
    let (records, head) = try await transactor.read(tenants: [tenant]) { connection in
      let table = AuditTable(connection: connection)
      // The end first: what is sealed meanwhile lies behind it.
      let head = try table.head(of: tenant)
      return (try table.page(of: tenant, after: request.after, limit: limit), head)
    }
    return .with {
      $0.records = records.filter(filter.admits)
      $0.next = records.count < limit ? 0 : records.last?.position ?? 0
      $0.head = head.message(service: service, tenant: tenant)
      $0.pruned = $0.head
      ($0.pruned.position, $0.pruned.hash) = (head.prunedPosition, head.prunedHash)
    }
  }

  private static func limit(_ asked: Int32) throws(Refusal) -> Int {
    guard (0...1_000).contains(asked) else {
      throw Refusal(.outOfRange, "A page has 1 to 1,000 positions.", field: "limit", hint: "100")
    }
    return asked == 0 ? 100 : Int(asked)
  }
}

/// Which entries are asked for; a page is found by its positions and then looked through.
private struct AuditFilter {
  private let since: Date?
  private let until: Date?
  private let object: String
  private let initiator: String

  init(_ request: Vestibule_Api_V1_ListAuditRequest) throws {
    since = try Field.optionalInstant(request.hasSince ? request.since : nil, at: "since")
    until = try Field.optionalInstant(request.hasUntil ? request.until : nil, at: "until")
    object = try Field.optionalID(request.object, at: "object")?.text ?? ""
    initiator = try Field.optionalID(request.initiator, at: "initiator")?.text ?? ""
  }

  func admits(_ record: Vestibule_Model_V1_AuditRecord) -> Bool {
    let (entry, at) = (record.entry, record.entry.at.instant ?? .distantPast)
    if let since, at < since { return false }
    if let until, at >= until { return false }
    return (object.isEmpty || entry.object == object) && (initiator.isEmpty || entry.initiator == initiator)
  }
}
