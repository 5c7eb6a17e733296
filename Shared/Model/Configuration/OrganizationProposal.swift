import Foundation

/// An organization that nobody has configured: made when one of its people asks under a policy for all outside people
/// (decision 4).
package enum OrganizationProposal {
  /// So long it waits for its first approved request.
  package static let lapse = Period.days(30)

  /// By what the organization of a sign-in would be known, best first: the issuer where it signs in one organization's
  /// people alone, else the domain of a proved address.
  package static func source(organizationsIssuer: String?, provedEmail: String?) -> IdentitySource? {
    if let organizationsIssuer { return .issuer(organizationsIssuer) }
    return provedEmail.flatMap { DomainName(email: $0) }.map { .domain($0, includeSubdomains: false) }
  }

  /// Whether there is an organization behind it, and not a provider that everybody may use.
  package static func isOrganization(_ source: IdentitySource, _ publicMail: PublicMailDomains) -> Bool {
    switch source {
    case .issuer(let name): !publicMail.contains(issuer: name)
    case .domain(let name, includeSubdomains: _): !publicMail.contains(name)
    }
  }
}

extension AssignmentPolicy.AllowedTargets {
  /// Whether people of organizations that nobody has configured may ask.
  package var takesUnknownOrganizations: Bool {
    switch self {
    case .allExternalUsers: true
    case .notSpecified, .connectedOrganizations, .allConfiguredConnectedOrganizations, .subjects, .allMembers,
      .allDirectoryUsers:
      false
    }
  }
}
