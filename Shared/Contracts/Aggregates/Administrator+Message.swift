package import EntitlementModel
package import Protocols

extension Vestibule_Model_V1_Administrator {
  package init(_ administrator: Administrator) {
    self.init()
    subject = administrator.subject?.text ?? ""
    (issuer, externalSubject) = (administrator.identity.issuer, administrator.identity.subject)
  }
}

extension Administrator {
  package init(_ message: Vestibule_Model_V1_Administrator, at field: String) throws(ContractError) {
    self.init(
      subject: try Field.optionalID(message.subject, at: "\(field).subject"),
      identity: Identity(issuer: message.issuer, subject: message.externalSubject))
  }
}
