package import Foundation

/// What somebody wants to do, as far as permission is concerned.
package enum Action: Sendable, Hashable {
  case administerTenant
  case createCatalog
  case manageCatalog(UUID)
  case manageResources(catalog: UUID)
  case managePackages(catalog: UUID)
  case managePolicies(catalog: UUID)
  case manageAssignments(catalog: UUID)
  case readCatalog(UUID)
  case manageConnectedOrganizations
  case readConfiguration
  /// Ask, extend or give up access in the name of somebody else; by a role it is limited to the package's
  /// catalog.
  case actFor(subject: UUID, catalog: UUID)
  /// Ask who the bearer of a token is.
  case resolvePrincipals
  /// Create tenants, republish, replay.
  case operate
}

/// What the caller's use case knows and the principal does not say.
package struct AuthorizationFacts: Sendable, Equatable {
  /// The tenant that is acted on.
  package let tenant: UUID?
  /// The caller is a sponsor of the organization of the subject acted for.
  package let isSponsorOfSubject: Bool
  /// The token to be resolved is the one the caller came with.
  package let isOwnToken: Bool

  package init(tenant: UUID?, isSponsorOfSubject: Bool = false, isOwnToken: Bool = false) {
    (self.tenant, self.isSponsorOfSubject, self.isOwnToken) = (tenant, isSponsorOfSubject, isOwnToken)
  }
}
