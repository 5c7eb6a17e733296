import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Who has what until when.
struct AssignmentsAPI: Vestibule_Api_V1_Assignments.SimpleServiceProtocol {
  let transactor: Transactor
  let settle: Settlement
  private static let itemLimit = 10_000
  private static let itemsPerTransaction = 200

  init(transactor: Transactor, settle: Settlement) {
    (self.transactor, self.settle) = (transactor, settle)
  }

  func get(
    request: Vestibule_Api_V1_GetAssignmentRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_AssignmentDetail {
    let (tenant, id) = (try Field.id(request.tenant, at: "tenant"), try Field.id(request.id, at: "id"))
    let permission = Permission(principal: try Principal.required(), tenant: tenant)
    let cache = settle.cache
    return try await transactor.read(tenants: [tenant]) { connection in
      guard let assignment = try AssignmentTable(connection: connection).read([id], of: [tenant]).first else {
        throw Refusal.notFound
      }
      let catalog = try PackageCatalog(connection: connection, cache: cache).of(assignment.accessPackage)
      try permission.requireOwner(assignment.target.subject, orManagerOf: catalog)
      let roles = try EntitlementTable(connection: connection).read(
        of: [assignment.target.subject], of: [tenant])
      let attributes = try AccountAttributeTable(connection: connection).read(
        of: [assignment.target.subject], of: [tenant])
      let epoch = try connection.epoch()
      return Vestibule_Api_V1_AssignmentDetail(assignment, roles: roles, attributes, epoch: epoch)
    }
  }

  func list(
    request: Vestibule_Api_V1_ListAssignmentsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListAssignmentsResponse {
    let (tenant, page) = (try Field.id(request.tenant, at: "tenant"), try PageRequest<UUID>(request.page))
    let principal = try Principal.required()
    let permission = Permission(principal: principal, tenant: tenant)
    let named = try Field.optionalID(request.targetSubject, at: "target_subject")
    let target = request.all ? named : named ?? principal.subject
    if let target {
      try permission.requireOwner(target, orManagerOf: nil)
    } else {
      try permission.requireManager(of: nil)
    }
    return try await transactor.read(tenants: [tenant]) { connection in
      let found = try AssignmentTable(connection: connection)
        .page(after: page.after, of: [tenant], target: target, limit: page.limit)
      let epoch = try connection.epoch()
      return .with {
        $0.assignments = found.map { Vestibule_Model_V1_Assignment($0, epoch: epoch) }
        $0.nextPageToken = page.nextToken(after: found, \.id)
      }
    }
  }

  func reprocess(
    request: Vestibule_Api_V1_ReprocessRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ReprocessResponse {
    let (tenant, ids) = (
      try Field.id(request.tenant, at: "tenant"), try Field.ids(request.ids, at: "ids", limit: Self.itemLimit)
    )
    let permission = Permission(principal: try Principal.required(), tenant: tenant)
    let reprocess = ReprocessAssignments(settle: settle)
    var response = Vestibule_Api_V1_ReprocessResponse()
    for start in stride(from: 0, to: ids.count, by: Self.itemsPerTransaction) {
      let page = Array(ids[start..<min(start + Self.itemsPerTransaction, ids.count)])
      response.results += try await transactor.commit(tenants: [tenant]) { work in
        let epoch = try work.connection.epoch()
        return try reprocess(page, tenant: tenant, permission, work).map {
          Vestibule_Api_V1_ReprocessResult($0, epoch: epoch)
        }
      }
    }
    return response
  }
}

extension AssignmentsAPI {
  func listPackageChanges(
    request: Vestibule_Api_V1_ListPackageChangesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListPackageChangesResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Permission(principal: try Principal.required(), tenant: tenant).requireManager(of: nil)
    let changes = try await transactor.read(tenants: [tenant]) { connection in
      try PackageChangeTable(connection: connection).list(of: tenant)
    }
    return .with {
      $0.changes = changes.map { change, left in
        .with {
          $0.accessPackage = change.package.text
          $0.version = Vestibule_Model_V1_Version(change.version)
          $0.begunAt = Google_Protobuf_Timestamp(change.begunAt)
          ($0.done, $0.left) = (Int64(change.done), Int64(left))
        }
      }
    }
  }
}

extension Vestibule_Api_V1_ReprocessResult {
  fileprivate init(_ result: Result<Assignment, Refusal>, epoch: Int) {
    self.init()
    switch result {
    case .success(let assignment): self.assignment = Vestibule_Model_V1_Assignment(assignment, epoch: epoch)
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    }
  }
}

extension Vestibule_Api_V1_AssignmentDetail {
  init(_ assignment: Assignment, roles: [HeldRole], _ attributes: [AccountAttribute], epoch: Int) {
    self.init()
    self.assignment = Vestibule_Model_V1_Assignment(assignment, epoch: epoch)
    entitlements = roles.filter {
      $0.entitlement.claims.contains(assignment.id) || $0.releasing.contains(assignment.id)
    }.sorted { $0.id < $1.id }.map { Vestibule_Api_V1_Entitlement($0.entitlement) }
    self.attributes = attributes.sorted { $0.id < $1.id }.compactMap { attribute in
      attribute.claims[assignment.id].map { Vestibule_Api_V1_AccountAttribute(attribute, $0) }
    }
  }
}

extension Vestibule_Api_V1_AccountAttribute {
  fileprivate init(_ attribute: AccountAttribute, _ claim: AccountAttribute.Claim) {
    self.init()
    (connector, name, value) = (attribute.id.connector, attribute.id.name, claim.value)
    (state, lastError) = (attribute.state.rawValue, attribute.lastError?.rawValue ?? "")
    attempts = Int32(clamping: attribute.attempts)
  }
}

extension Vestibule_Api_V1_Entitlement {
  init(_ entitlement: Entitlement) {
    self.init()
    (resource, role) = (entitlement.id.resource.text, entitlement.id.role)
    (originSystem, state) = (entitlement.originSystem, entitlement.state.rawValue)
    (attempts, lastError) = (
      Int32(clamping: entitlement.attempts), entitlement.lastError?.rawValue ?? ""
    )
  }
}
