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

/// Who is in the groups of the built-in directory.
struct DirectoryAPI: Vestibule_Api_V1_Directory.SimpleServiceProtocol {
  let transactor: Transactor

  private static let mostAtOnce = 10_000

  func listMembers(
    request: Vestibule_Api_V1_ListMembersRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListMembersResponse {
    let asked = try Asked(tenant: request.tenant, group: request.group, role: request.role)
    let page = try PageRequest<UUID>(request.page)
    let found = try await transactor.read(tenants: [asked.group.tenant]) { connection in
      try asked.authorize(on: connection)
      return try MembershipTable(connection: connection).page(
        of: asked.group, role: asked.role, after: page.after, limit: page.limit)
    }
    return .with {
      $0.subjects = found.map(\.text)
      $0.nextPageToken = page.nextToken(after: found, \.self)
    }
  }

  func changeMembers(
    request: Vestibule_Api_V1_ChangeMembersRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ChangeMembersResponse {
    let asked = try Asked(tenant: request.tenant, group: request.group, role: request.role)
    guard request.added.count + request.removed.count <= Self.mostAtOnce else {
      throw Refusal(
        .tooManyItems, "Too many at once.", field: "added", hint: "at most \(Self.mostAtOnce)")
    }
    let added = Set(try Field.ids(request.added, at: "added"))
    let removed = Set(try Field.ids(request.removed, at: "removed"))
    guard added.isDisjoint(with: removed) else {
      throw Refusal(
        .outOfRange, "Nobody joins and leaves at once.", field: "removed", hint: "those who leave only")
    }
    return try await transactor.commit(tenants: [asked.group.tenant]) { work in
      try asked.authorize(on: work.connection)
      try asked.requireNotGiven(to: removed, on: work.connection)
      let table = MembershipTable(connection: work.connection)
      // Whoever is in it by an account that was there before is in it.
      let there = try table.holders(of: asked.group, role: asked.role, among: added.sorted())
      let joined = try table.add(
        added.subtracting(there).sorted().map { Grant(asked.membership(of: $0), to: $0) })
      let left = try table.remove(of: asked.group, role: asked.role, from: removed.sorted())
      return .with { ($0.added, $0.removed) = (Int32(joined.count), Int32(left.count)) }
    }
  }
}

/// A group and a role of it, and who asks.
private struct Asked: Sendable {
  let group: DirectoryResource.Key
  let role: String
  private let permission: Permission

  init(tenant: String, group: String, role: String) throws {
    let tenant = try Field.id(tenant, at: "tenant")
    permission = Permission(principal: try Principal.required(), tenant: tenant)
    self.group = DirectoryResource.Key(
      tenant: tenant, id: try Field.text(group, at: "group", limit: 256, isRequired: true))
    self.role = role.isEmpty ? "member" : role
    guard ["member", "owner"].contains(self.role) else {
      throw Refusal(.outOfRange, "A group has members and owners.", field: "role", hint: "member, owner")
    }
  }

  func membership(of subject: UUID) -> Membership {
    Membership(tenant: group.tenant, user: subject, resource: group.id, role: role)
  }

  /// - Throws: the uniform refusal about a group that is not there, or that the caller may not see to.
  func authorize(on connection: Connection) throws {
    let isThere = try DirectoryResourceTable(connection: connection).isGroup(group)
    guard isThere, try permission.managesAssignments(of: nil) || isOwned(on: connection) else {
      throw Refusal.notFound
    }
  }

  /// What assignments give goes with them alone: there it is told, recorded, and seen by a second administrator where it is
  /// many people's.
  func requireNotGiven(to people: Set<UUID>, on connection: Connection) throws {
    let holders = try EntitlementTable(connection: connection).holders(
      of: role, originSystem: BuiltInDirectory.originSystem, originID: group.id, among: people.sorted(),
      tenant: group.tenant)
    guard let first = holders.min() else { return }
    throw Refusal(
      .inUse, "Assignments give this to some of these people: end those.", field: "removed",
      hint: "\(holders.count) of them, as \(first.text)")
  }

  private func isOwned(on connection: Connection) throws -> Bool {
    guard permission.principal.tenant == group.tenant else { return false }
    return try !MembershipTable(connection: connection)
      .holders(of: group, role: "owner", among: permission.principal.subjects.sorted()).isEmpty
  }
}
