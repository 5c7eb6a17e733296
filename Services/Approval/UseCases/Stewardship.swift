import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Who answers for what waits when those whom its policy asks do not: the owners of the package's catalog, and the
/// tenant's administrators.
struct Stewardship: Sendable {
  private let catalogs: [UUID: UUID]

  init(of approvals: some Sequence<ApprovalProcess>, _ copies: ConfigurationCopies) throws {
    try self.init(try copies.load(Set(approvals.map(\.accessPackage))))
  }

  /// - Parameter objects: the packages among others.
  init(_ objects: [UUID: Vestibule_Model_V1_ConfigurationObject]) throws {
    catalogs = try objects.compactMapValues { object in
      guard case .accessPackage = object.object else { return nil }
      return try AccessPackage(object).catalog
    }
  }

  func isHeld(by principal: Principal, over approval: ApprovalProcess) -> Bool {
    let action = catalogs[approval.accessPackage].map(Action.manageCatalog) ?? .administerTenant
    return Authorization.decide(principal, action, AuthorizationFacts(tenant: approval.tenant)) == .allow
  }
}
