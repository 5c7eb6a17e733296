import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols

/// Which right a change of an object takes.
enum ConfigurationPermission {
  /// - Parameter isNew: whether there is no such object yet.
  static func require(
    _ principal: Principal, toWrite object: Vestibule_Model_V1_ConfigurationObject, id: UUID, tenant: UUID,
    isNew: Bool, _ configuration: TenantConfiguration
  ) throws(Refusal) {
    if principal.isOperator { return }
    let action = action(toWrite: object, id: id, isNew: isNew, configuration)
    try Authorization.require(principal, action, AuthorizationFacts(tenant: tenant))
  }

  static func requireReading(_ principal: Principal, tenant: UUID) throws(Refusal) {
    if principal.isOperator { return }
    try Authorization.require(principal, .readConfiguration, AuthorizationFacts(tenant: tenant))
  }

  private static func action(
    toWrite object: Vestibule_Model_V1_ConfigurationObject, id: UUID, isNew: Bool,
    _ configuration: TenantConfiguration
  ) -> Action {
    switch object.object {
    case .tenantSettings where isNew: .operate
    case .tenantSettings, .issuer, .domainList, .lifecycleSettings, .terms, nil: .administerTenant
    case .roleAssignment(let assignment):
      assignment.role.isCatalogRole ? within(assignment.catalog) { .manageCatalog($0) } : .administerTenant
    case .catalog: isNew ? .createCatalog : .manageCatalog(id)
    case .resource(let resource): within(resource.catalog) { .manageResources(catalog: $0) }
    case .accessPackage(let package): within(package.catalog) { .managePackages(catalog: $0) }
    case .assignmentPolicy(let policy):
      within(UUID(text: policy.accessPackage).flatMap(configuration.catalog(of:))?.text ?? "") {
        .managePolicies(catalog: $0)
      }
    case .connectedOrganization: .manageConnectedOrganizations
    }
  }

  /// What names no catalog is the tenant administrator's.
  private static func within(_ catalog: String, _ action: (UUID) -> Action) -> Action {
    UUID(text: catalog).map(action) ?? .administerTenant
  }
}
