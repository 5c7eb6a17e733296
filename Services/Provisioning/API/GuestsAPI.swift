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

/// The guests of a tenant.
struct GuestsAPI: Vestibule_Api_V1_Guests.SimpleServiceProtocol {
  let transactor: Transactor

  func get(
    request: Vestibule_Api_V1_GetGuestRequest, context: ServerContext
  ) async throws -> Vestibule_Model_V1_Guest {
    let (tenant, id) = (try Field.id(request.tenant, at: "tenant"), try Field.id(request.id, at: "id"))
    try Permission(principal: try Principal.required(), tenant: tenant).requireOwner(id, orManagerOf: nil)
    return try await transactor.read(tenants: [tenant]) { connection in
      guard let guest = try GuestTable(connection: connection).read(id, of: tenant) else {
        throw Refusal.notFound
      }
      return Vestibule_Model_V1_Guest(guest, epoch: try connection.epoch())
    }
  }

  func list(
    request: Vestibule_Api_V1_ListGuestsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListGuestsResponse {
    let (tenant, page) = (try Field.id(request.tenant, at: "tenant"), try PageRequest<UUID>(request.page))
    try Permission(principal: try Principal.required(), tenant: tenant).requireManager(of: nil)
    return try await transactor.read(tenants: [tenant]) { connection in
      let found = try GuestTable(connection: connection).page(
        after: page.after, of: [tenant], limit: page.limit)
      let epoch = try connection.epoch()
      return .with {
        $0.guests = found.map { Vestibule_Model_V1_Guest($0, epoch: epoch) }
        $0.nextPageToken = page.nextToken(after: found, \.id)
      }
    }
  }
}
