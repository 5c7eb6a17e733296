import EntitlementModel
import Foundation
import Postgres

/// The directory that comes with the product: a connector whose target is the schema `directory`.
struct BuiltInDirectory: EmbeddedConnector {
  static let originSystem = "directory"

  var name: String { Self.originSystem }

  func settle(_ accounts: [AccountCommand], on connection: Connection) throws -> [AccountAnswer] {
    let users = DirectoryUserTable(connection: connection)
    let wanted = accounts.filter { $0.wish == .present }
    let present = try users.ensure(wanted)
    try users.disable(accounts.filter { $0.wish == .blocked })
    let deleted = accounts.filter { $0.wish == .deleted }
    try MembershipTable(connection: connection).removeAll(of: deleted)
    try DirectoryAttributeTable(connection: connection).removeAll(of: deleted)
    try users.delete(deleted)
    return accounts.map { command in
      switch command.wish {
      case .present: present[command.guest].map(AccountAnswer.success) ?? .failure(.refused)
      case .blocked: .success(.blocked)
      case .deleted: .success(.deleted)
      }
    }
  }

  func observe(_ roles: [RoleCommand], on connection: Connection) throws -> [RoleAnswer] {
    let there = try MembershipTable(connection: connection).existing(roles.compactMap(Membership.init))
    return roles.map { command in
      Membership(command).map { .success(there.contains($0)) } ?? .failure(.refused)
    }
  }

  func describe(_ resources: [ResourceQuery], on connection: Connection) throws -> [ResourceAnswer] {
    let offered = try DirectoryResourceTable(connection: connection).offered(by: resources)
    return resources.map { resource in
      offered[DirectoryResource.Key(tenant: resource.tenant, id: resource.originID)].map(
        ResourceAnswer.success)
        ?? .failure(.resourceMissing)
    }
  }

  func change(_ roles: [RoleCommand], on connection: Connection) throws -> [RoleAnswer] {
    let memberships = MembershipTable(connection: connection)
    let granted = roles.filter(\.isWanted)
    let resources = try DirectoryResourceTable(connection: connection).existing(granted)
    let grantable = granted.filter { resources.contains(DirectoryResource.Key($0)) }.compactMap(
      Grant.init)
    let added = try memberships.add(grantable)
    try memberships.remove(roles.filter { !$0.isWanted }.compactMap(Membership.init))
    return roles.map { command in
      guard let membership = Membership(command) else { return .failure(.refused) }
      guard command.isWanted else { return .success(true) }
      guard resources.contains(DirectoryResource.Key(command)) else { return .failure(.resourceMissing) }
      return .success(!added.contains(membership))
    }
  }
}

extension BuiltInDirectory {
  func observe(_ attributes: [AttributeCommand], on connection: Connection) throws -> [AttributeAnswer] {
    let values = try DirectoryAttributeTable(connection: connection)
      .values(of: attributes.compactMap(DirectoryAttribute.init))
    return attributes.map { command in
      DirectoryAttribute(command).map { .success(values[$0]) } ?? .failure(.refused)
    }
  }

  func change(_ attributes: [AttributeCommand], on connection: Connection) throws -> [AttributeAnswer] {
    let table = DirectoryAttributeTable(connection: connection)
    let named = attributes.compactMap { command in DirectoryAttribute(command).map { ($0, command.value) } }
    let before = try table.values(of: named.map(\.0))
    let users = try table.users(of: named.filter { $0.1 != nil }.map(\.0))
    try table.set(named.compactMap { attribute, value in value.map { (attribute, $0) } })
    try table.clear(named.filter { $0.1 == nil }.map(\.0))
    return attributes.map { command in
      guard let attribute = DirectoryAttribute(command) else { return .failure(.refused) }
      if command.value != nil, !users.contains(attribute.user) { return .failure(.resourceMissing) }
      return .success(before[attribute])
    }
  }
}
