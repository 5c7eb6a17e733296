import Protocols

/// The sections of a tenant's file, in the order in which their objects can be saved: what is referred to first.
enum FileSection: String, CaseIterable {
  case tenant
  case issuers
  case subjects
  case catalogs
  case resources
  case accessPackages
  case connectedOrganizations
  case terms
  case assignmentPolicies
  case roleAssignments
  case domainList
  case lifecycleSettings

  /// The field of `ConfigurationObject` that its entries fill; nil for people.
  var field: String? {
    switch self {
    case .tenant: "tenantSettings"
    case .issuers: "issuer"
    case .subjects: nil
    case .catalogs: "catalog"
    case .resources: "resource"
    case .accessPackages: "accessPackage"
    case .connectedOrganizations: "connectedOrganization"
    case .assignmentPolicies: "assignmentPolicy"
    case .roleAssignments: "roleAssignment"
    case .domainList: "domainList"
    case .lifecycleSettings: "lifecycleSettings"
    case .terms: "terms"
    }
  }

  var kind: Vestibule_Api_V1_Kind {
    switch self {
    case .tenant: .tenant
    case .issuers: .issuer
    case .subjects: .unspecified
    case .catalogs: .catalog
    case .resources: .resource
    case .accessPackages: .accessPackage
    case .connectedOrganizations: .connectedOrganization
    case .assignmentPolicies: .assignmentPolicy
    case .roleAssignments: .roleAssignment
    case .domainList: .domainList
    case .lifecycleSettings: .lifecycleSettings
    case .terms: .terms
    }
  }

  /// Whether it holds one entry and not a list.
  var isSingle: Bool {
    switch self {
    case .tenant, .domainList, .lifecycleSettings: true
    case .issuers, .subjects, .catalogs, .resources, .accessPackages, .connectedOrganizations,
      .assignmentPolicies,
      .roleAssignments, .terms:
      false
    }
  }
}
