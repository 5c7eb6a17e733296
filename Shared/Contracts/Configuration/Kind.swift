import EntitlementModel
package import Protocols

extension Vestibule_Model_V1_ConfigurationObject {
  /// What it configures; `unspecified` for an object without content.
  package var kind: Vestibule_Api_V1_Kind {
    switch object {
    case .tenantSettings: .tenant
    case .issuer: .issuer
    case .roleAssignment: .roleAssignment
    case .catalog: .catalog
    case .resource: .resource
    case .accessPackage: .accessPackage
    case .assignmentPolicy: .assignmentPolicy
    case .connectedOrganization: .connectedOrganization
    case .domainList: .domainList
    case .lifecycleSettings: .lifecycleSettings
    case .terms: .terms
    case nil: .unspecified
    }
  }

  /// The name of the event that tells of a change to it; nil for an object without content.
  package var eventType: String? { kind.eventType }

  func isNot(_ expected: Vestibule_Api_V1_Kind) -> ContractError {
    ContractError(.outOfRange, field: "object", expected: expected.text)
  }
}

extension Vestibule_Api_V1_Kind {
  /// The kinds there are, without `unspecified`.
  package static let known: [Vestibule_Api_V1_Kind] = allCases.filter { $0 != .unspecified }

  /// Its name, as stored and as files and commands say it.
  package var text: String {
    switch self {
    case .unspecified, .UNRECOGNIZED: "unspecified"
    case .tenant: "tenant"
    case .issuer: "issuer"
    case .roleAssignment: "roleAssignment"
    case .catalog: "catalog"
    case .resource: "resource"
    case .accessPackage: "accessPackage"
    case .assignmentPolicy: "assignmentPolicy"
    case .connectedOrganization: "connectedOrganization"
    case .domainList: "domainList"
    case .lifecycleSettings: "lifecycleSettings"
    case .terms: "terms"
    }
  }

  package init?(text: String) {
    guard let kind = Self.known.first(where: { $0.text == text }) else { return nil }
    self = kind
  }

  package var eventType: String? {
    switch self {
    case .tenant, .issuer, .roleAssignment, .terms: "tenant.changed"
    case .catalog, .resource: "catalog.changed"
    case .accessPackage: "package.changed"
    case .assignmentPolicy: "policy.changed"
    case .connectedOrganization: "organization.changed"
    case .domainList, .lifecycleSettings: "settings.changed"
    case .unspecified, .UNRECOGNIZED: nil
    }
  }
}
