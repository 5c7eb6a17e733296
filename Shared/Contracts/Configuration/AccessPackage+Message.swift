package import EntitlementModel
package import Protocols

extension AccessPackage {
  package init(_ message: Vestibule_Model_V1_AccessPackage) throws(ContractError) {
    self.init(
      catalog: try Field.id(message.catalog, at: "catalog"), displayName: message.displayName,
      isHidden: message.isHidden,
      resourceRoles: try Field.each(message.resourceRoles, at: "resource_roles") {
        role throws(ContractError) in
        try ResourceRole(role)
      },
      attributes: try Field.each(message.attributes, at: "attributes") { attribute throws(ContractError) in
        try ResourceAttribute(attribute)
      },
      incompatible: Dictionary(
        try Field.each(message.incompatibleAccessPackages, at: "incompatible_access_packages") {
          other throws(ContractError) in
          (try Field.id(other.accessPackage, at: "access_package"), try other.exceptions.read())
        }, uniquingKeysWith: +),
      incompatibleGroups: Dictionary(
        try Field.each(message.incompatibleGroups, at: "incompatible_groups") {
          other throws(ContractError) in (other.originID, try other.exceptions.read())
        }, uniquingKeysWith: +))
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .accessPackage(let message) = object.object else { throw object.isNot(.accessPackage) }
    do { try self.init(message) } catch { throw error.within("access_package") }
  }
}

extension [Vestibule_Model_V1_SeparationException] {
  fileprivate func read() throws(ContractError) -> [SeparationException] {
    try Field.each(self, at: "exceptions") { exception throws(ContractError) in
      SeparationException(
        subject: try Field.id(exception.subject, at: "subject"), reason: exception.reason,
        endsAt: try Field.instant(
          exception.hasEndDateTime ? exception.endDateTime : nil, at: "end_date_time"))
    }
  }
}

extension ResourceRole {
  /// A role as stored, with its origin filled in.
  package init(_ message: Vestibule_Model_V1_ResourceRole) throws(ContractError) {
    if message.role.isEmpty { throw Field.required("role", "a role that the resource offers") }
    if message.originSystem.isEmpty { throw Field.required("origin_system", "the resource's connector") }
    if message.originID.isEmpty { throw Field.required("origin_id", "the resource's id at its connector") }
    self.init(
      resource: try Field.id(message.resource, at: "resource"), role: message.role,
      originSystem: message.originSystem, originID: message.originID)
  }
}
