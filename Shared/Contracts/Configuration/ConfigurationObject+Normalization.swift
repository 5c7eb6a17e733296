import EntitlementModel
package import Protocols

extension Vestibule_Model_V1_ConfigurationObject {
  /// Brings what can be written in several ways into the one that is stored and compared: domains as lower-case
  /// A-labels, lists of them sorted and without repeats. What is no domain stays, for `validate` to refuse.
  package mutating func normalize() {
    switch object {
    case .issuer(var issuer):
      issuer.normalize()
      object = .issuer(issuer)
    case .connectedOrganization(var organization):
      organization.normalize()
      object = .connectedOrganization(organization)
    case .domainList(var list):
      list.domains = DomainName.normalized(list.domains)
      object = .domainList(list)
    case .tenantSettings(var tenant):
      tenant.publicMailDomains = DomainName.normalized(tenant.publicMailDomains)
      object = .tenantSettings(tenant)
    case .resource(var resource):
      resource.normalize()
      object = .resource(resource)
    case .roleAssignment, .catalog, .accessPackage, .assignmentPolicy,
      .lifecycleSettings, .terms, nil:
      break
    }
  }
}

extension Vestibule_Model_V1_Issuer {
  fileprivate mutating func normalize() {
    emailDomains = DomainName.normalized(emailDomains)
    if subjectClaim.isEmpty { subjectClaim = "sub" }
  }
}

extension Vestibule_Model_V1_Resource {
  fileprivate mutating func normalize() {
    for index in attributes.indices {
      attributes[index].originSystem = ""
      if attributes[index].destination == nil {
        attributes[index].destination = .userDirectoryAttributeStore(.init())
      }
    }
  }
}

extension Vestibule_Model_V1_ConnectedOrganization {
  fileprivate mutating func normalize() {
    for index in identitySources.indices {
      guard case .domain(var source) = identitySources[index].source else { continue }
      source.domainName = DomainName(source.domainName)?.text ?? source.domainName
      identitySources[index].source = .domain(source)
    }
  }
}

extension DomainName {
  fileprivate static func normalized(_ names: [String]) -> [String] {
    Set(names.map { DomainName($0)?.text ?? $0 }).sorted()
  }
}
