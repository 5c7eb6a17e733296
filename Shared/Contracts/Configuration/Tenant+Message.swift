package import EntitlementModel
package import Protocols

extension Tenant {
  /// A tenant that names no zone keeps its days in UTC.
  package init(_ message: Vestibule_Model_V1_Tenant) {
    self.init(
      displayName: message.displayName, timeZone: message.timeZone.isEmpty ? "UTC" : message.timeZone,
      showsApprovers: message.approverInformationVisibility != .notVisible,
      publicMailDomains: .known.adding(message.publicMailDomains.compactMap { DomainName($0) }),
      retention: Period(iso: message.retention) ?? Tenant.standardRetention)
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .tenantSettings(let message) = object.object else { throw object.isNot(.tenant) }
    self.init(message)
  }
}
