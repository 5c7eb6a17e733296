import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Adding a resource to a catalog takes a right over the resource, beside the one over the catalog (decision 17): the
/// tenant's administrators have it over all, and whoever was given the role `owner` of it over that one.
struct ResourceRight {
  let configuration: TenantConfiguration
  let principal: Principal
  let work: Work

  static let ownerRole = "owner"

  /// - Parameter before: the resource as it was; what stays at its origin and in its catalog is not added.
  func require(
    toSave object: Vestibule_Model_V1_ConfigurationObject, after before: ConfigurationEntry?, tenant: UUID
  ) throws {
    guard case .resource(let resource) = object.object else { return }
    if let before, !before.object.deleted, case .resource(let old) = before.object.object,
      old.origin == resource.origin, old.catalog == resource.catalog
    {
      return
    }
    try require(resource, tenant: tenant)
  }

  /// Taking one out takes the same.
  func require(toRemove object: Vestibule_Model_V1_ConfigurationObject, tenant: UUID) throws {
    guard case .resource(let resource) = object.object else { return }
    try require(resource, tenant: tenant)
  }

  private func require(_ resource: Vestibule_Model_V1_Resource, tenant: UUID) throws {
    if principal.isOperator || (principal.tenant == tenant && principal.holds(.tenantAdministrator)) {
      return
    }
    if let subject = principal.subject,
      try RequestTable(connection: work.connection)
        .holds(packagesGivingOwnership(of: resource), subject: subject, tenant: tenant)
    {
      return
    }
    throw Refusal(
      .forbidden, "This takes a right over the resource as well: its owner, or the tenant's administrator.",
      field: "resource.origin_id", hint: resource.originID)
  }

  private func packagesGivingOwnership(of resource: Vestibule_Model_V1_Resource) -> [UUID] {
    configuration.packages.filter { _, package in
      package.resourceRoles.contains {
        [$0.originSystem, $0.originID] == resource.origin && $0.role == Self.ownerRole
      }
    }.map(\.key)
  }
}

extension Vestibule_Model_V1_Resource {
  fileprivate var origin: [String] { [originSystem, originID] }
}
