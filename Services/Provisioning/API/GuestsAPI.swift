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
  let settle: Settlement

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

extension GuestsAPI {
  func getOutlook(
    request: Vestibule_Api_V1_GetGuestRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_GuestOutlook {
    let (tenant, id) = (try Field.id(request.tenant, at: "tenant"), try Field.id(request.id, at: "id"))
    try Permission(principal: try Principal.required(), tenant: tenant).requireOwner(id, orManagerOf: nil)
    let describe = DescribeOutlook(cache: settle.cache)
    return try await transactor.read(tenants: [tenant]) { connection in
      let (guest, outlook) = try describe(id, tenant: tenant, on: connection)
      return Vestibule_Api_V1_GuestOutlook(guest, outlook, epoch: try connection.epoch())
    }
  }

  func setLifecycle(
    request: Vestibule_Api_V1_SetGuestLifecycleRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_SetGuestLifecycleResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    let permission = Permission(principal: try Principal.required(), tenant: tenant)
    let ids = Set(try Field.ids(request.ids, at: "ids"))
    guard ids.count <= 1_000 else { throw Refusal(.tooManyItems, "Name at most 1,000 guests.", field: "ids") }
    let isGoverned: Bool
    switch request.subjectLifecycle {
    case .governed: isGoverned = true
    case .notGoverned: isGoverned = false
    case .notDefined, .UNRECOGNIZED:
      throw Refusal(
        .required, "Say whether the guests are governed.", field: "subject_lifecycle",
        hint: "governed, notGoverned")
    }
    let govern = GovernGuests(settle: settle)
    let changed = try await transactor.commit(tenants: [tenant]) { work in
      try govern(ids, isGoverned: isGoverned, tenant: tenant, permission, work)
    }
    return .with { $0.changed = Int32(changed) }
  }

  func listZombies(
    request: Vestibule_Api_V1_ListZombiesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListZombiesResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Permission(principal: try Principal.required(), tenant: tenant).requireManager(of: nil)
    let find = FindZombies(cache: settle.cache)
    let found = try await transactor.read(tenants: [tenant]) { connection in
      try find(of: [tenant], trustsCounts: false, limit: 1_000, at: Date(), on: connection)
    }
    return .with { $0.guests = found.map(\.text) }
  }

  func listLifecycleChanges(
    request: Vestibule_Api_V1_ListLifecycleChangesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListLifecycleChangesResponse {
    let tenant = try Field.id(request.tenant, at: "tenant")
    try Permission(principal: try Principal.required(), tenant: tenant).requireManager(of: nil)
    let changes = try await transactor.read(tenants: [tenant]) { connection in
      try LifecycleChangeTable(connection: connection).list(of: tenant, limit: 100)
    }
    return .with {
      $0.changes = changes.map { change in
        .with {
          $0.version = Vestibule_Model_V1_Version(change.version)
          $0.changedAt = Google_Protobuf_Timestamp(change.changedAt)
          $0.retimedGuests = Int64(change.retimed)
        }
      }
    }
  }
}

extension Vestibule_Api_V1_GuestOutlook {
  fileprivate init(_ guest: Guest, _ outlook: GuestOutlook, epoch: Int) {
    self.init()
    (self.guest, why) = (Vestibule_Model_V1_Guest(guest, epoch: epoch), outlook.why.rawValue)
    if let end = outlook.accessEndsAt { accessEndsAt = Google_Protobuf_Timestamp(end) }
    if let block = outlook.blockAt { blockAt = Google_Protobuf_Timestamp(block) }
    if let deletion = outlook.deleteAt { deleteAt = Google_Protobuf_Timestamp(deletion) }
  }
}
