import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols

extension Vestibule_Model_V1_Request {
  /// A request as somebody is shown it. Whoever took an approval back had given it: where a stage does not say who decides,
  /// the person whom it is about reads nobody's name; whoever may read the catalog does.
  init(_ request: AccessRequest, shownTo principal: Principal, _ configuration: LoadedConfiguration) {
    self.init(request, epoch: configuration.epoch)
    guard request.kind == .approverRemove, !principal.isSubject(request.requestor),
      !AssignmentAccess.mayReadCatalog(principal, of: request, configuration),
      configuration.tenants[request.tenant]?.showsApprovers(under: request.assignmentPolicy) != true
    else { return }
    requestor = ""
  }
}

extension TenantConfiguration {
  /// Whether every stage of a policy says who decides; a policy that is gone says nothing.
  fileprivate func showsApprovers(under policy: UUID?) -> Bool {
    guard let policy = policy.flatMap({ policies[$0] }) else { return false }
    return policy.approval.stages.allSatisfy { $0.approverVisibility.isShown(byTenant: showsApprovers) }
  }
}
