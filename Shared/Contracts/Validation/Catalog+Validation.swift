import EntitlementModel
import Foundation
import Protocols

extension Vestibule_Model_V1_Tenant {
  func check(_ findings: inout Findings) {
    findings.text(displayName, "display_name", limit: Limits.displayName, isRequired: true)
    if !timeZone.isEmpty, TimeZone(identifier: timeZone) == nil {
      findings.add(.malformed, "time_zone", "an IANA time zone, such as Europe/Berlin")
    }
    findings.note { () throws(ContractError) in
      try AssignmentPolicy.ApproverVisibility(
        approverInformationVisibility, at: "approver_information_visibility")
    }
    if !retention.isEmpty {
      // Events are taken for thirty days.
      findings.period(
        retention, "retention", Period.days(31).minimumSeconds...Durations.longest, expected: "P31D to P3660D"
      )
    }
    findings.atMost(MostOfObject.domains, of: publicMailDomains, "public_mail_domains")
    findings.each(publicMailDomains, at: "public_mail_domains") { domain, findings in
      findings.domain(domain, "")
    }
  }
}

extension Vestibule_Model_V1_Catalog {
  func check(_ findings: inout Findings) {
    findings.description(displayName: displayName, description: description_p)
    findings.note { () throws(ContractError) in try Catalog.State(state) }
  }
}

extension Vestibule_Model_V1_Resource {
  func check(_ findings: inout Findings) {
    findings.id(catalog, "catalog")
    findings.description(displayName: displayName, description: description_p)
    switch kind {
    case .group, .application, .site: break
    case .notSpecified: findings.add(.required, "kind", "group, application, site")
    case .UNRECOGNIZED: findings.add(.outOfRange, "kind", "group, application, site")
    }
    findings.text(originSystem, "origin_system", limit: 63, isRequired: true)
    findings.text(originID, "origin_id", limit: 256, isRequired: true)
    if roles.isEmpty { findings.add(.required, "roles", "at least one role that the resource offers") }
    findings.atMost(MostOfObject.roles, of: roles, "roles")
    findings.each(roles, at: "roles") { role, findings in
      findings.text(role, "", limit: 256, isRequired: true)
    }
    findings.unique(roles, "roles")
    checkAttributes(&findings)
  }
}

extension Vestibule_Model_V1_AccessPackage {
  func check(_ findings: inout Findings) {
    findings.id(catalog, "catalog")
    findings.description(displayName: displayName, description: description_p)
    findings.atMost(MostOfObject.items, of: resourceRoles, "resource_roles")
    findings.each(resourceRoles, at: "resource_roles") { role, findings in
      findings.id(role.resource, "resource")
      findings.text(role.role, "role", limit: 256, isRequired: true)
    }
    findings.unique(resourceRoles.map { [$0.resource.lowercased(), $0.role] }, "resource_roles")
    findings.atMost(MostOfObject.items, of: incompatibleAccessPackages, "incompatible_access_packages")
    findings.each(incompatibleAccessPackages, at: "incompatible_access_packages") { other, findings in
      other.check(&findings)
    }
    findings.unique(
      incompatibleAccessPackages.map { $0.accessPackage.lowercased() }, "incompatible_access_packages")
    findings.atMost(MostOfObject.items, of: incompatibleGroups, "incompatible_groups")
    findings.ids(incompatibleGroups.map(\.group), "incompatible_groups")
    findings.each(incompatibleGroups, at: "incompatible_groups") { $0.exceptions.check(&$1) }
    findings.each(localizations, at: "localizations") { localized, findings in
      findings.languageTag(localized.languageCode)
      findings.description(displayName: localized.displayName, description: localized.description_p)
    }
    findings.unique(localizations.map { $0.languageCode.lowercased() }, "localizations")
  }
}

extension Vestibule_Model_V1_IncompatibleAccessPackage {
  fileprivate func check(_ findings: inout Findings) {
    findings.id(accessPackage, "access_package")
    exceptions.check(&findings)
  }
}

extension [Vestibule_Model_V1_SeparationException] {
  fileprivate func check(_ findings: inout Findings) {
    findings.atMost(MostOfObject.items, of: self, "exceptions")
    findings.each(self, at: "exceptions") { exception, findings in
      findings.id(exception.subject, "subject")
      findings.text(exception.reason, "reason", limit: Limits.justification, isRequired: true)
      findings.note { () throws(ContractError) in
        try Field.instant(exception.hasEndDateTime ? exception.endDateTime : nil, at: "end_date_time")
      }
    }
    findings.unique(map { $0.subject.lowercased() }, "exceptions")
  }
}
