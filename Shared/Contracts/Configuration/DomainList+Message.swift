package import EntitlementModel
package import Protocols

extension DomainList {
  package init(_ message: Vestibule_Model_V1_DomainList) throws(ContractError) {
    let names = Set(
      try Field.each(message.domains, at: "domains") { name throws(ContractError) in
        try Field.domainName(name, at: "")
      })
    switch message.mode {
    case .none: self = .none
    case .allow: self = .allow(names)
    case .deny: self = .deny(names)
    case .UNRECOGNIZED: throw Field.outOfRange("mode", ["none", "allow", "deny"])
    }
  }

  package init(_ object: Vestibule_Model_V1_ConfigurationObject) throws(ContractError) {
    guard case .domainList(let message) = object.object else { throw object.isNot(.domainList) }
    do { try self.init(message) } catch { throw error.within("domain_list") }
  }
}

extension Field {
  static func domainName(_ text: String, at field: String) throws(ContractError) -> DomainName {
    guard let name = DomainName(text) else {
      throw ContractError(.malformed, field: field, expected: "a domain name, such as fabrikam.example")
    }
    return name
  }
}
