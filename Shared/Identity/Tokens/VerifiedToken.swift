package import Foundation

/// What a token has proven.
package struct VerifiedToken: Sendable, Equatable {
  package let trustedIssuer: TrustedIssuer
  /// The `iss` claim as it came: of a template issuer, with the `tid` in its place.
  package let issuer: String
  /// The person's stable id at the issuer.
  package let subject: String
  package let tid: String?
  package let email: String?
  /// The issuer's word; proof only if it is registered as the authority for the domain (decision 3).
  package let emailVerified: Bool
  package let name: String?
  /// The `roles` claim of a home issuer or the operator's; empty for any other.
  package let roles: [String]
  /// Nil for a token that does not say it.
  package let issuedAt: Date?
  package let expiresAt: Date

  /// Whether it is the operator's.
  package var isOperator: Bool { trustedIssuer.isOperator && roles.contains("operator") }

  /// The roles that the tenant maps the issuer's own to.
  package var mappedRoles: [GrantedRole] {
    roles.compactMap { trustedIssuer.mappedRoles[$0] }.filter { !$0.isOfCatalog }.map {
      GrantedRole(role: $0)
    }
  }

  init(_ claims: TokenClaims, of issuer: TrustedIssuer) throws(IdentityError) {
    guard let expiry = claims.expiresAt else { throw .claimMissing("exp") }
    trustedIssuer = issuer
    self.issuer = claims.issuer ?? issuer.issuer
    subject = try claims.subject(by: issuer.subjectClaim)
    (tid, email, emailVerified, name) = (claims.tenantID, claims.email, claims.emailVerified, claims.name)
    roles = issuer.organization == nil ? claims.roles : []
    issuedAt = claims.issuedAt.map { Date(timeIntervalSince1970: $0) }
    expiresAt = Date(timeIntervalSince1970: expiry)
  }
}
