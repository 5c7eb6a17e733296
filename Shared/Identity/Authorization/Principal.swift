package import EntitlementModel
package import Foundation

/// Who is calling: made from a verified token and the tenant's own data, never from an external issuer's
/// claims alone (decision 2). A use case takes one as a required parameter.
package struct Principal: Sendable, Equatable {
  /// The tenant whose issuer signed the caller in; nil for the operator.
  package let tenant: UUID?
  /// The person; nil while signed in without being known as a subject.
  package let subject: UUID?
  /// The subjects that were merged into this one: what is theirs is the caller's.
  package let merged: Set<UUID>
  /// The connected organization that the person was matched to.
  package let organization: UUID?
  /// The token's `iss` and the claim that identifies the person there.
  package let issuer: String
  package let externalSubject: String
  /// Contact data, unless it is proved.
  package let email: String?
  /// Whether the issuer answers for the address (decision 3).
  package let isEmailProved: Bool
  /// One of the resource organization's own people.
  package let isMember: Bool
  /// Runs the installation: the only one who creates tenants.
  package let isOperator: Bool
  package let roles: [GrantedRole]
  /// By what the organization of this sign-in would be known, if it were to be made.
  package let organizationSource: IdentitySource?
  /// When the token was issued; nil for one that does not say it.
  package let issuedAt: Date?
  /// When the token ends.
  package let expiresAt: Date

  package init(
    tenant: UUID?, subject: UUID?, organization: UUID?, issuer: String, externalSubject: String,
    email: String?, isEmailProved: Bool = false,
    isMember: Bool, isOperator: Bool, roles: [GrantedRole], merged: Set<UUID> = [],
    organizationSource: IdentitySource? = nil, issuedAt: Date? = nil, expiresAt: Date
  ) {
    (self.tenant, self.subject, self.organization) = (tenant, subject, organization)
    (self.issuer, self.externalSubject, self.email) = (issuer, externalSubject, email)
    self.isEmailProved = isEmailProved
    (self.isMember, self.isOperator, self.roles, self.expiresAt) = (isMember, isOperator, roles, expiresAt)
    (self.organizationSource, self.issuedAt, self.merged) = (organizationSource, issuedAt, merged)
  }

  /// All subjects that the caller is.
  package var subjects: Set<UUID> { merged.union([subject].compactMap(\.self)) }

  /// Whether the subject is the caller.
  package func isSubject(_ id: UUID) -> Bool { subject == id || merged.contains(id) }

  /// Whether it holds the role for the whole tenant.
  package func holds(_ role: Role) -> Bool {
    roles.contains { $0.role == role && $0.catalog == nil }
  }

  /// Whether it holds one of the roles for the catalog (or for all of the tenant's).
  package func holds(oneOf wanted: Set<Role>, in catalog: UUID) -> Bool {
    roles.contains { wanted.contains($0.role) && ($0.catalog == nil || $0.catalog == catalog) }
  }
}

/// A role, for one catalog or (nil) for the whole tenant.
package struct GrantedRole: Sendable, Hashable {
  package let role: Role
  package let catalog: UUID?

  package init(role: Role, catalog: UUID? = nil) {
    (self.role, self.catalog) = (role, catalog)
  }
}
