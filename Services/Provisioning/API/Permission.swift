import EntitlementModel
import Foundation
import Identity

/// Who may see and do what here: people what is their own, those who manage assignments the rest.
struct Permission {
  let principal: Principal
  let tenant: UUID

  func owns(_ subject: UUID) -> Bool {
    principal.tenant == tenant && principal.isSubject(subject)
  }

  /// - Parameter catalog: that of the assignment's package; nil when it is not known, or for all of the tenant's.
  func managesAssignments(of catalog: UUID?) -> Bool {
    if principal.tenant == tenant, catalog == nil, principal.holds(.assignmentManager) { return true }
    let action = catalog.map(Action.manageAssignments) ?? .administerTenant
    return Authorization.decide(principal, action, AuthorizationFacts(tenant: tenant)) == .allow
  }

  /// - Throws: the uniform refusal about what the caller may not know of.
  func requireManager(of catalog: UUID?) throws(Refusal) {
    if !managesAssignments(of: catalog) { throw .notFound }
  }

  func requireOwner(_ subject: UUID, orManagerOf catalog: UUID?) throws(Refusal) {
    if !owns(subject) { try requireManager(of: catalog) }
  }
}
