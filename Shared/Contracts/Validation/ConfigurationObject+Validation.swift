package import EntitlementModel
package import Protocols

extension Vestibule_Model_V1_ConfigurationObject {
  /// Refuses an object that must not be stored, with every check that fails. Ids have been given and `normalize`
  /// been called before; whether what it refers to exists is the caller's to ask, see `references`.
  package func validate() throws(Refusal) {
    var findings = Findings()
    findings.id(id, "id")
    findings.id(tenant, "tenant")
    findings.slug(name, "name")
    if let object {
      findings.within(Self.field(of: object)) { object.check(&$0) }
      for (index, other) in accessPackage.incompatibleAccessPackages.enumerated()
      where other.accessPackage.lowercased() == id.lowercased() {
        findings.add(
          .outOfRange, "access_package.incompatible_access_packages[\(index)].access_package",
          "another package")
      }
    } else {
      findings.add(.required, "object", Vestibule_Api_V1_Kind.known.map(\.text).joined(separator: ", "))
    }
    if !findings.reasons.isEmpty { throw Refusal(findings.reasons) }
  }

  private static func field(of object: OneOf_Object) -> String {
    switch object {
    case .tenantSettings: "tenant_settings"
    case .issuer: "issuer"
    case .roleAssignment: "role_assignment"
    case .catalog: "catalog"
    case .resource: "resource"
    case .accessPackage: "access_package"
    case .assignmentPolicy: "assignment_policy"
    case .connectedOrganization: "connected_organization"
    case .domainList: "domain_list"
    case .lifecycleSettings: "lifecycle_settings"
    case .terms: "terms"
    }
  }
}

extension Vestibule_Model_V1_ConfigurationObject.OneOf_Object {
  fileprivate func check(_ findings: inout Findings) {
    switch self {
    case .tenantSettings(let tenant): tenant.check(&findings)
    case .issuer(let issuer): issuer.check(&findings)
    case .roleAssignment(let role): role.check(&findings)
    case .catalog(let catalog): catalog.check(&findings)
    case .resource(let resource): resource.check(&findings)
    case .accessPackage(let package): package.check(&findings)
    case .assignmentPolicy(let policy): policy.check(&findings)
    case .connectedOrganization(let organization): organization.check(&findings)
    case .domainList(let list): list.check(&findings)
    case .lifecycleSettings(let settings): settings.check(&findings)
    case .terms(let terms): terms.check(&findings)
    }
  }
}
