import EntitlementModel
import Foundation
import Identity

/// In which role a caller may touch a request: as the person it is about, for the administrators of its catalog, or for
/// that person by leave of its policy.
enum AssignmentAccess {
  case own
  case administrator
  case onBehalf

  /// - Throws: `notFound` to whoever may not even know of it.
  ///
  /// - Parameter purpose: what is asked about it; nil for nothing that a policy gives leave for.
  init(
    _ principal: Principal, to request: AccessRequest, for purpose: AccessRequest.Kind.Purpose? = nil,
    _ configuration: LoadedConfiguration, _ colleagues: Colleagues = .none
  ) throws(Refusal) {
    guard principal.tenant == request.tenant else { throw .notFound }
    if Self.manages(principal, request, configuration) {
      self = principal.isSubject(request.target.subject) ? .own : .administrator
    } else if principal.isSubject(request.target.subject) {
      self = .own
    } else if let purpose, Self.mayAct(principal, for: request, purpose, configuration, colleagues) {
      self = .onBehalf
    } else {
      throw .notFound
    }
  }

  /// - Throws: `notFound` to whoever may not even know of it, `forbidden` to whoever may only see it.
  static func requireManager(
    _ principal: Principal, of request: AccessRequest, _ configuration: LoadedConfiguration
  ) throws(Refusal) {
    guard mayRead(principal, request, configuration) else { throw .notFound }
    guard manages(principal, request, configuration) else {
      throw Refusal(.forbidden, "This takes whoever manages the package's assignments.")
    }
  }

  /// Whether the caller may see the request.
  static func mayRead(
    _ principal: Principal, _ request: AccessRequest, _ configuration: LoadedConfiguration
  ) -> Bool {
    guard principal.tenant == request.tenant else { return false }
    if principal.isSubject(request.target.subject) || principal.isSubject(request.requestor) { return true }
    return mayReadCatalog(principal, of: request, configuration)
  }

  static func mayReadCatalog(
    _ principal: Principal, of request: AccessRequest, _ configuration: LoadedConfiguration
  ) -> Bool {
    decide(principal, Action.readCatalog, request, configuration)
  }

  private static func mayAct(
    _ principal: Principal, for request: AccessRequest, _ purpose: AccessRequest.Kind.Purpose,
    _ configuration: LoadedConfiguration, _ colleagues: Colleagues
  ) -> Bool {
    guard let submitter = colleagues.submitter(principal, for: request.target.subject),
      let tenant = configuration.tenants[request.tenant],
      let policy = request.assignmentPolicy.flatMap({ tenant.policies[$0] })
    else { return false }
    return policy.onBehalf.allows(
      purpose, by: submitter,
      forPeopleOf: request.organization.flatMap { tenant.organizations[$0] })
  }

  private static func manages(
    _ principal: Principal, _ request: AccessRequest, _ configuration: LoadedConfiguration
  ) -> Bool {
    decide(principal, { .manageAssignments(catalog: $0) }, request, configuration)
  }

  private static func decide(
    _ principal: Principal, _ action: (UUID) -> Action, _ request: AccessRequest,
    _ configuration: LoadedConfiguration
  ) -> Bool {
    let facts = AuthorizationFacts(tenant: request.tenant)
    guard let catalog = configuration.tenants[request.tenant]?.catalog(of: request.accessPackage) else {
      return Authorization.decide(principal, .administerTenant, facts) == .allow
    }
    return Authorization.decide(principal, action(catalog), facts) == .allow
  }
}
