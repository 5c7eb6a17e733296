import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Who of a tenant's people administers it, or owns a catalog, and may act now. Whoever is so by a role that a sign-in
/// brings is known only then.
struct Roster: Sendable {
  private(set) var administrators: Set<UUID> = []
  private var ownersOfCatalog: [UUID: Set<UUID>] = [:]
  private var catalogs: [UUID: UUID] = [:]

  init(_ tenant: UUID, _ copies: ConfigurationCopies, at now: Date) throws {
    for object in try copies.load(.roleAssignment, of: [tenant]) {
      guard let subject = UUID(text: object.roleAssignment.subject) else { continue }
      switch object.roleAssignment.role {
      case .tenantAdministrator: administrators.insert(subject)
      case .catalogOwner:
        guard let catalog = UUID(text: object.roleAssignment.catalog) else { continue }
        ownersOfCatalog[catalog, default: []].insert(subject)
      case .notSpecified, .catalogCreator, .connectedOrganizationAdministrator, .catalogReader,
        .accessPackageManager, .assignmentManager, .UNRECOGNIZED:
        break
      }
    }
    for object in try copies.load(.accessPackage, of: [tenant]) {
      catalogs[try Field.id(object.id, at: "id")] = try AccessPackage(object).catalog
    }
    let everybody = ownersOfCatalog.values.reduce(into: administrators) { $0.formUnion($1) }
    let hindered = try SubjectCopyTable(connection: copies.connection)
      .hindrances(of: everybody, tenants: [tenant], at: now)
    administrators.subtract(hindered.keys)
    ownersOfCatalog = ownersOfCatalog.mapValues { $0.subtracting(hindered.keys) }
  }

  func owners(of package: UUID?) -> Set<UUID> {
    package.flatMap { catalogs[$0] }.flatMap { ownersOfCatalog[$0] } ?? []
  }
}
