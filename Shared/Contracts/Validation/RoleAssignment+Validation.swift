import EntitlementModel
package import Protocols

extension Vestibule_Model_V1_RoleAssignment {
  func check(_ findings: inout Findings) {
    findings.id(subject, "subject")
    if !Role.known.contains(role) {
      findings.add(
        role == .notSpecified ? .required : .outOfRange, "role",
        Role.known.map(\.text).joined(separator: ", "))
    } else if role.isCatalogRole {
      findings.id(catalog, "catalog")
    } else if !catalog.isEmpty {
      findings.add(.outOfRange, "catalog", "none: the role \(role.text) is not limited to a catalog")
    }
  }
}

extension Vestibule_Model_V1_RoleAssignment.Role {
  /// The roles there are, without `notSpecified`.
  package static let known: [Self] = allCases.filter { $0 != .notSpecified }

  /// Whether it is held on one catalog.
  package var isCatalogRole: Bool {
    switch self {
    case .catalogOwner, .catalogReader, .accessPackageManager, .assignmentManager: true
    case .notSpecified, .tenantAdministrator, .catalogCreator, .connectedOrganizationAdministrator,
      .UNRECOGNIZED:
      false
    }
  }

  /// Its name, as tokens and files say it.
  package var text: String {
    switch self {
    case .notSpecified, .UNRECOGNIZED: "notSpecified"
    case .tenantAdministrator: "tenantAdministrator"
    case .catalogCreator: "catalogCreator"
    case .connectedOrganizationAdministrator: "connectedOrganizationAdministrator"
    case .catalogOwner: "catalogOwner"
    case .catalogReader: "catalogReader"
    case .accessPackageManager: "accessPackageManager"
    case .assignmentManager: "assignmentManager"
    }
  }
}
