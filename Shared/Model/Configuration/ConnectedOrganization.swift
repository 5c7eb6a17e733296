package import Foundation

/// A partner: how its people are recognized, who answers for them, and for how long they are welcome.
package struct ConnectedOrganization: Sendable, Hashable, Identifiable {
  package enum State: Sendable, Hashable { case configured, proposed, ended }
  package let id: UUID
  package var displayName: String
  package var state: State
  package var identitySources: [IdentitySource]
  package var internalSponsors: [UUID]
  package var externalSponsors: [UUID]
  /// The groups of the built-in directory whose members answer for it, too.
  package var internalSponsorGroups: Set<String>
  package var externalSponsorGroups: Set<String>
  package var contractEnd: Date?
  package var guestLimit: Int?
  /// When somebody of it first asked, for one that nobody has configured.
  package var proposedAt: Date?

  package init(
    id: UUID, displayName: String, state: State, identitySources: [IdentitySource],
    internalSponsors: [UUID] = [],
    externalSponsors: [UUID] = [], internalSponsorGroups: Set<String> = [],
    externalSponsorGroups: Set<String> = [], contractEnd: Date? = nil, guestLimit: Int? = nil,
    proposedAt: Date? = nil
  ) {
    (self.id, self.displayName, self.state, self.identitySources) = (id, displayName, state, identitySources)
    (self.internalSponsors, self.externalSponsors) = (internalSponsors, externalSponsors)
    self.internalSponsorGroups = internalSponsorGroups
    self.externalSponsorGroups = externalSponsorGroups
    (self.contractEnd, self.guestLimit, self.proposedAt) = (contractEnd, guestLimit, proposedAt)
  }

  /// Whether somebody who is in these groups answers for it, on our side.
  package func isInternalSponsor(_ subject: UUID, in groups: Set<String>) -> Bool {
    internalSponsors.contains(subject) || !internalSponsorGroups.isDisjoint(with: groups)
  }

  /// Whether somebody who is in these groups answers for it, on its own side: whoever belongs to another one by now does not.
  package func isExternalSponsor(_ subject: UUID, from organization: UUID?, in groups: Set<String>) -> Bool {
    organization == id
      && (externalSponsors.contains(subject) || !externalSponsorGroups.isDisjoint(with: groups))
  }

  package var sponsorGroups: Set<String> { internalSponsorGroups.union(externalSponsorGroups) }

  /// The domains its people's addresses come from.
  package var domains: [DomainName] {
    identitySources.compactMap { source in
      switch source {
      case .issuer: nil
      case .domain(let name, includeSubdomains: _): name
      }
    }
  }
}

/// What tells that somebody belongs to an organization. A source belongs to one organization of a tenant.
package enum IdentitySource: Sendable, Hashable {
  /// Whoever signs in there.
  case issuer(String)
  /// Whoever has proved an address there.
  case domain(DomainName, includeSubdomains: Bool)

  /// The text under which it is unique in its tenant.
  package var key: String {
    switch self {
    case .issuer(let issuer): "issuer:\(issuer)"
    case .domain(let name, includeSubdomains: _): "domain:\(name.text)"
    }
  }
}

/// Whose person somebody is: one organization or none, by issuer first, then by a proved address (decision 3).
package enum OrganizationMatching {
  /// The keys to look a person up by, best first. The e-mail counts only when `isEmailProved`.
  package static func keys(issuer: String, email: String?, isEmailProved: Bool) -> [Key] {
    var keys = [Key(text: "issuer:\(issuer)", needsSubdomains: false)]
    if isEmailProved, let email { keys += Self.keys(ofEmail: email) }
    return keys
  }

  /// The keys of an address that is taken for proved.
  package static func keys(ofEmail email: String) -> [Key] {
    guard let domain = DomainName(email: email) else { return [] }
    return domain.selfAndParents.map { Key(text: "domain:\($0.text)", needsSubdomains: $0 != domain) }
  }

  package struct Key: Sendable, Hashable {
    package let text: String
    /// A domain above the person's own counts only for a source that includes its subdomains.
    package let needsSubdomains: Bool
  }
}
