package import EntitlementModel

/// Whether a principal may do something: pure functions of who, what, and the facts.
package enum Authorization {
  package enum Decision: Sendable, Equatable {
    case allow
    case deny(Denial)
  }

  /// Why not; the raw value is stable.
  package enum Denial: String, Sendable {
    case otherTenant, roleRequired, operatorRequired

    /// What the caller is told: of another tenant, nothing.
    package var refusal: Refusal {
      switch self {
      case .otherTenant: .notFound
      case .roleRequired: Refusal(.forbidden, "None of your roles allows this.", hint: rawValue)
      case .operatorRequired: Refusal(.forbidden, "Only the operator may do this.", hint: rawValue)
      }
    }
  }

  package static func decide(_ principal: Principal, _ action: Action, _ facts: AuthorizationFacts)
    -> Decision
  {
    switch action {
    case .operate:
      return principal.isOperator ? .allow : .deny(.operatorRequired)
    case .resolvePrincipals:
      return principal.isOperator || facts.isOwnToken ? .allow : .deny(.operatorRequired)
    case .administerTenant, .createCatalog, .manageCatalog, .manageResources, .managePackages,
      .managePolicies,
      .manageAssignments, .readCatalog, .manageConnectedOrganizations, .readConfiguration, .actFor:
      guard let tenant = principal.tenant, tenant == facts.tenant else { return .deny(.otherTenant) }
      if principal.holds(.tenantAdministrator) { return .allow }
      return allowsInTenant(principal, action, facts) ? .allow : .deny(.roleRequired)
    }
  }

  /// - Throws: the refusal to answer with.
  package static func require(
    _ principal: Principal, _ action: Action, _ facts: AuthorizationFacts
  ) throws(Refusal) {
    switch decide(principal, action, facts) {
    case .allow: return
    case .deny(let denial): throw denial.refusal
    }
  }

  /// What the roles below the tenant's administrator allow.
  private static func allowsInTenant(_ principal: Principal, _ action: Action, _ facts: AuthorizationFacts)
    -> Bool
  {
    switch action {
    case .operate, .resolvePrincipals, .administerTenant:
      false
    case .createCatalog:
      principal.holds(.catalogCreator)
    case .manageConnectedOrganizations:
      principal.holds(.connectedOrganizationAdministrator)
    case .readConfiguration:
      !principal.roles.isEmpty
    case .manageCatalog(let catalog), .manageResources(let catalog):
      principal.holds(oneOf: [.catalogOwner], in: catalog)
    case .managePackages(let catalog), .managePolicies(let catalog):
      principal.holds(oneOf: [.catalogOwner, .accessPackageManager], in: catalog)
    case .manageAssignments(let catalog):
      principal.holds(oneOf: [.catalogOwner, .accessPackageManager, .assignmentManager], in: catalog)
    case .readCatalog(let catalog):
      principal.holds(
        oneOf: [.catalogOwner, .catalogReader, .accessPackageManager, .assignmentManager], in: catalog)
    case .actFor(let subject, let catalog):
      principal.isSubject(subject) || facts.isSponsorOfSubject
        || principal.holds(oneOf: [.catalogOwner, .accessPackageManager, .assignmentManager], in: catalog)
    }
  }
}
