import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols

/// A group, an application or a site of the built-in directory.
struct DirectoryResource: Hashable {
  struct Key: Hashable {
    let tenant: UUID
    let id: String
  }

  let key: Key
  let kind: String
}

extension DirectoryResource.Key {
  init(_ command: RoleCommand) {
    self.init(tenant: command.tenant, id: command.originID)
  }
}

struct DirectoryResourceTable {
  let connection: Connection

  /// A package's configuration names them, and so they exist. One that is gone later stays gone.
  func register(_ resources: Set<DirectoryResource>) throws {
    guard !resources.isEmpty else { return }
    let sorted = resources.sorted { ($0.key.tenant, $0.key.id) < ($1.key.tenant, $1.key.id) }
    try connection.execute(
      """
      INSERT INTO directory.resource (tenant, id, kind, display_name)
      SELECT tenant, id, kind, id
      FROM unnest(\(sorted.map(\.key.tenant)), \(sorted.map(\.key.id)), \(sorted.map(\.kind))) AS n (tenant, id, kind)
      ON CONFLICT DO NOTHING
      """)
  }

  /// The roles that resources offer; nothing of those that are not there.
  func offered(by resources: [ResourceQuery]) throws -> [DirectoryResource.Key: OfferedRoles] {
    guard !resources.isEmpty else { return [:] }
    let rows = try connection.rows(
      """
      SELECT r.tenant, r.id, r.roles FROM directory.resource r
      JOIN unnest(\(resources.map(\.tenant)), \(resources.map(\.originID))) AS n (tenant, id)
        ON r.tenant = n.tenant AND r.id = n.id
      """
    ) { row in
      (DirectoryResource.Key(tenant: try row.next(), id: try row.next()), try row.next([String].self))
    }
    return Dictionary(rows.map { ($0, $1.isEmpty ? .any : .these($1)) }) { first, _ in first }
  }

  func isGroup(_ key: DirectoryResource.Key) throws -> Bool {
    try connection.value(
      "SELECT EXISTS (SELECT FROM directory.resource WHERE id = \(key.id) AND tenant = \(key.tenant) AND kind = 'group')"
    )
  }

  /// Which of the resources that the commands name there are.
  func existing(_ commands: [RoleCommand]) throws -> Set<DirectoryResource.Key> {
    guard !commands.isEmpty else { return [] }
    let keys = Array(Set(commands.map { DirectoryResource.Key($0) }))
    let rows = try connection.rows(
      """
      SELECT r.tenant, r.id FROM directory.resource r
      JOIN unnest(\(keys.map(\.tenant)), \(keys.map(\.id))) AS n (tenant, id) ON r.tenant = n.tenant AND r.id = n.id
      """
    ) { row in DirectoryResource.Key(tenant: try row.next(), id: try row.next()) }
    return Set(rows)
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// What a package names of the built-in directory.
  var directoryResources: Set<DirectoryResource> {
    guard case .accessPackage(let package) = object, let tenant = UUID(text: tenant), !deleted else {
      return []
    }
    return Set(
      package.resourceRoles.filter { $0.originSystem == BuiltInDirectory.originSystem }.map { role in
        DirectoryResource(key: .init(tenant: tenant, id: role.originID), kind: role.kind.directoryKind)
      })
  }
}

extension Vestibule_Model_V1_Resource.Kind {
  fileprivate var directoryKind: String {
    switch self {
    case .group, .notSpecified, .UNRECOGNIZED: "group"
    case .application: "application"
    case .site: "site"
    }
  }
}
