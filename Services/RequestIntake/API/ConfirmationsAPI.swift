import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Changes that wait for a second administrator.
struct ConfirmationsAPI: Vestibule_Api_V1_Confirmations.SimpleServiceProtocol {
  let transactor: Transactor
  let store: ConfigurationStore
  let principals: LocalPrincipals

  func list(
    request: Vestibule_Api_V1_ListConfirmationsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListConfirmationsResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    try ConfigurationPermission.requireReading(principal, tenant: tenant)
    let (page, pendingOnly) = (try PageRequest<UUID>(request.page), !request.all)
    return try await transactor.read(tenants: [tenant]) { connection in
      let found = try ConfirmationTable(connection: connection).page(
        tenant: tenant, pendingOnly: pendingOnly, after: page.after, limit: page.limit)
      let epoch = try connection.epoch()
      return .with {
        $0.confirmations = found.map { .init($0.confirmation, change: $0.change, epoch: epoch) }
        $0.nextPageToken = page.nextToken(after: found, \.confirmation.id)
      }
    }
  }

  func get(
    request: Vestibule_Api_V1_GetConfirmationRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_PendingConfirmation {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    return try await transactor.commit(tenants: [tenant]) { [store] work in
      let (stored, people) = try DecideConfirmation(store: store)
        .look(id, tenant: tenant, principal: principal, work)
      var message = Vestibule_Model_V1_PendingConfirmation(
        stored.confirmation, change: stored.change, epoch: try work.connection.epoch())
      if stored.confirmation.state == .pending {
        message.people = Int64(people.count)
        message.sample = people.sorted().prefix(PendingConfirmation.sampleSize).map(\.text)
      }
      return message
    }
  }

  func confirm(
    request: Vestibule_Api_V1_ConfirmRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_PendingConfirmation {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let (id, seen) = (try Field.id(request.id, at: "id"), Int(request.people))
    let confirmed = try await transactor.commit(tenants: [tenant]) { [store] work in
      let stored = try DecideConfirmation(store: store)
        .confirm(id, seen: seen, tenant: tenant, principal: principal, work)
      return Vestibule_Model_V1_PendingConfirmation(
        stored.confirmation, change: stored.change, epoch: try work.connection.epoch())
    }
    principals.forget()
    return confirmed
  }

  func reject(
    request: Vestibule_Api_V1_RejectRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_PendingConfirmation {
    let principal = try Principal.required()
    let tenant = try principal.tenant(administered: request.tenant)
    let id = try Field.id(request.id, at: "id")
    return try await transactor.commit(tenants: [tenant]) { [store] work in
      let stored = try DecideConfirmation(store: store).reject(id, tenant: tenant, principal: principal, work)
      return Vestibule_Model_V1_PendingConfirmation(
        stored.confirmation, change: stored.change, epoch: try work.connection.epoch())
    }
  }
}
