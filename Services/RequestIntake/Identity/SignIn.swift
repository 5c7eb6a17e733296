import EntitlementModel
import Foundation
import Identity

/// What a verified token says about who signs in, as far as our own rows are asked for it.
struct SignIn: Sendable, Hashable {
  let who: TenantIdentity
  /// The organization that the issuer itself stands for.
  let issuersOrganization: UUID?
  /// Whether it may be one of the resource organization's own people.
  let isHome: Bool
  /// Whether the issuer, one of many of a template, signs in one organization's people alone.
  var isOfOneOrganization = false
  /// Set only when the token proves it.
  let provedEmail: String?

  /// The keys by which an organization is matched, best first.
  var organizationKeys: [OrganizationMatching.Key] {
    OrganizationMatching.keys(
      issuer: who.identity.issuer, email: provedEmail, isEmailProved: provedEmail != nil)
  }

  /// By what the organization would be known, if it were to be made.
  var organizationSource: IdentitySource? {
    OrganizationProposal.source(
      organizationsIssuer: isOfOneOrganization ? who.identity.issuer : nil, provedEmail: provedEmail)
  }

  var address: Address? {
    provedEmail.map { Address(tenant: who.tenant, email: $0) }
  }
}

extension SignIn {
  /// Nil for a token that leads to no tenant: the operator's.
  init?(_ token: VerifiedToken, provesEmail: Bool) {
    guard let tenant = token.trustedIssuer.tenant else { return nil }
    who = TenantIdentity(tenant: tenant, identity: Identity(issuer: token.issuer, subject: token.subject))
    issuersOrganization = token.trustedIssuer.organization
    isOfOneOrganization = token.trustedIssuer.issuer.contains("{tid}")
    isHome = issuersOrganization == nil && !isOfOneOrganization
    provedEmail = provesEmail ? token.email : nil
  }
}

/// Who a sign-in belongs to.
struct Recognized: Sendable {
  let subject: UUID?
  /// Those who were merged into the person.
  var merged: Set<UUID> = []
  let organization: UUID?
  let isMember: Bool
  let roles: [GrantedRole]
}
