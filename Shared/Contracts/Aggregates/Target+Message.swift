package import EntitlementModel
package import Protocols

extension Target {
  package init(_ message: Vestibule_Model_V1_Target) throws(ContractError) {
    self.init(
      subject: try Field.id(message.subject, at: "subject"), email: message.email,
      displayName: message.displayName, isMember: message.isMember)
  }

  /// What is wrong within is told under the path of the field that holds the message.
  init(_ message: Vestibule_Model_V1_Target, at field: String) throws(ContractError) {
    do { try self.init(message) } catch { throw error.within(field) }
  }
}

extension Vestibule_Model_V1_Target {
  package init(_ target: Target) {
    self.init()
    subject = target.subject.text
    (email, displayName, isMember) = (target.email, target.displayName, target.isMember)
  }
}
