/// What a person may administer. The names are the field's.
package enum Role: String, Sendable, Hashable, CaseIterable {
  case tenantAdministrator, catalogCreator, connectedOrganizationAdministrator
  case catalogOwner, catalogReader, accessPackageManager, assignmentManager

  /// Whether it is granted for one catalog rather than for the whole tenant.
  package var isOfCatalog: Bool {
    switch self {
    case .tenantAdministrator, .catalogCreator, .connectedOrganizationAdministrator: false
    case .catalogOwner, .catalogReader, .accessPackageManager, .assignmentManager: true
    }
  }
}
