package import EntitlementModel
package import Foundation
package import Protocols

extension ConnectedOrganization {
  /// `id` is the configuration object's.
  package init(_ message: Vestibule_Model_V1_ConnectedOrganization, id: UUID) throws(ContractError) {
    self.init(
      id: id, displayName: message.displayName, state: try State(message.state),
      identitySources: try Field.each(message.identitySources, at: "identity_sources") {
        source throws(ContractError) in try IdentitySource(source)
      },
      internalSponsors: try Field.ids(message.internalSponsors, at: "internal_sponsors"),
      externalSponsors: try Field.ids(message.externalSponsors, at: "external_sponsors"),
      internalSponsorGroups: Set(message.internalSponsorGroups.map(\.originID)),
      externalSponsorGroups: Set(message.externalSponsorGroups.map(\.originID)),
      contractEnd: try Field.optionalInstant(
        message.hasContractEnd ? message.contractEnd : nil, at: "contract_end"),
      guestLimit: message.guestLimit == 0 ? nil : Int(message.guestLimit),
      proposedAt: try Field.optionalInstant(
        message.hasProposedAt ? message.proposedAt : nil, at: "proposed_at"))
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .connectedOrganization(let message) = object.object else {
      throw object.isNot(.connectedOrganization)
    }
    let id = try Field.id(object.id, at: "id")
    do { try self.init(message, id: id) } catch { throw error.within("connected_organization") }
  }
}

extension ConnectedOrganization.State {
  package init(_ message: Vestibule_Model_V1_ConnectedOrganization.State) throws(ContractError) {
    switch message {
    case .configured: self = .configured
    case .proposed: self = .proposed
    case .ended: self = .ended
    case .UNRECOGNIZED: throw Field.outOfRange("state", ["configured", "proposed", "ended"])
    }
  }
}

extension Vestibule_Model_V1_IdentitySource {
  package init(_ source: IdentitySource) {
    self.init()
    switch source {
    case .issuer(let name): issuer.issuer = name
    case .domain(let name, includeSubdomains: let included):
      (domain.domainName, domain.includeSubdomains) = (name.text, included)
    }
  }
}

extension IdentitySource {
  package init(_ message: Vestibule_Model_V1_IdentitySource) throws(ContractError) {
    switch message.source {
    case .issuer(let source):
      if source.issuer.isEmpty { throw Field.required("issuer.issuer", "the issuer that signs people in") }
      self = .issuer(source.issuer)
    case .domain(let source):
      self = .domain(
        try Field.domainName(source.domainName, at: "domain.domain_name"),
        includeSubdomains: source.includeSubdomains)
    case nil: throw Field.required("", "issuer, domain")
    }
  }
}
