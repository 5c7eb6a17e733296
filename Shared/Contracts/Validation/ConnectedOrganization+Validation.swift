import EntitlementModel
import Foundation
import Protocols

extension Vestibule_Model_V1_ConnectedOrganization {
  func check(_ findings: inout Findings) {
    findings.description(displayName: displayName, description: description_p)
    findings.note { () throws(ContractError) in try ConnectedOrganization.State(state) }
    findings.atMost(MostOfObject.items, of: identitySources, "identity_sources")
    findings.each(identitySources, at: "identity_sources") { source, findings in source.check(&findings) }
    let keys = identitySources.compactMap { source in
      let read = try? IdentitySource(source)
      return read?.key
    }
    findings.unique(keys, "identity_sources")
    findings.ids(internalSponsors, "internal_sponsors")
    findings.ids(externalSponsors, "external_sponsors")
    findings.ids(internalSponsorGroups.map(\.group), "internal_sponsor_groups")
    findings.ids(externalSponsorGroups.map(\.group), "external_sponsor_groups")
    findings.instant(hasContractEnd ? contractEnd : nil, "contract_end")
    findings.instant(hasProposedAt ? proposedAt : nil, "proposed_at")
    if guestLimit < 0 { findings.add(.outOfRange, "guest_limit", "0 for no limit, or more") }
  }
}

extension Vestibule_Model_V1_IdentitySource {
  fileprivate func check(_ findings: inout Findings) {
    switch source {
    case .issuer(let source):
      findings.text(source.issuer, "issuer.issuer", limit: 1_024, isRequired: true)
    case .domain(let source):
      findings.domain(source.domainName, "domain.domain_name")
    case nil:
      findings.add(.required, "", "issuer, domain")
    }
  }
}

extension Vestibule_Model_V1_DomainList {
  func check(_ findings: inout Findings) {
    findings.atMost(MostOfObject.domains, of: domains, "domains")
    findings.each(domains, at: "domains") { domain, findings in findings.domain(domain, "") }
    if case .UNRECOGNIZED = mode { findings.add(.outOfRange, "mode", "none, allow, deny") }
  }
}

extension Vestibule_Model_V1_LifecycleSettings {
  func check(_ findings: inout Findings) {
    findings.note { () throws(ContractError) in
      try LifecycleSettings.Action(externalUserLifecycleAction)
    }
    let text = durationUntilExternalUserDeletedAfterBlocked
    if !text.isEmpty || externalUserLifecycleAction == .blockSignInAndDelete {
      findings.period(
        text, "duration_until_external_user_deleted_after_blocked", 0...Durations.longest,
        expected: "P0D to P3660D")
    }
  }
}
