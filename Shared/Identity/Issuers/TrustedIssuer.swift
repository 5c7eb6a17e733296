package import Foundation

/// Somebody whose tokens are believed, chosen by (issuer, audience).
package struct TrustedIssuer: Sendable, Hashable {
  package enum KeySource: Sendable, Hashable {
    /// A JSON Web Key Set, as text.
    case jwks(String)
    /// Fetched, cached and followed when keys rotate; https, or the development issuer's own origin.
    case url(String)
    case file(String)
  }

  /// The claim that identifies a person for ever.
  package enum SubjectClaim: String, Sendable, Hashable {
    case sub, oid
  }

  /// The `iss` claim, or a template with `{tid}`, whose place the token's `tid` claim takes.
  package let issuer: String
  package let audience: String
  package let keySource: KeySource
  package let subjectClaim: SubjectClaim
  package let tenant: UUID?
  /// The connected organization whose people it signs in; nil for a tenant's home issuer.
  package let organization: UUID?
  /// Whether its tokens may carry the role `operator`: only those of the operator's own file.
  package let isOperator: Bool
  /// A home issuer's `roles` values to roles of ours.
  package let mappedRoles: [String: Role]

  package init(
    issuer: String, audience: String, keySource: KeySource, subjectClaim: SubjectClaim = .sub,
    tenant: UUID? = nil,
    organization: UUID? = nil, isOperator: Bool = false, mappedRoles: [String: Role] = [:]
  ) {
    (self.issuer, self.audience, self.keySource) = (issuer, audience, keySource)
    (self.subjectClaim, self.tenant, self.organization) = (subjectClaim, tenant, organization)
    (self.isOperator, self.mappedRoles) = (isOperator, mappedRoles)
  }
}
