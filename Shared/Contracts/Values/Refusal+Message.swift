package import EntitlementModel
package import Protocols

extension Refusal {
  /// A reason of a code that this release does not know is read as `malformed`, its sentence kept.
  package init(_ message: Vestibule_Model_V1_Refusal) {
    self.init(message.reasons.map(Reason.init))
  }
}

extension Reason {
  package init(_ message: Vestibule_Model_V1_Reason) {
    self.init(
      Code(rawValue: message.code) ?? .malformed, message.message, field: message.field, hint: message.hint)
  }
}

extension Vestibule_Model_V1_Refusal {
  package init(_ refusal: Refusal) {
    self.init()
    reasons = refusal.reasons.map(Vestibule_Model_V1_Reason.init)
  }
}

extension Vestibule_Model_V1_Reason {
  package init(_ reason: Reason) {
    self.init()
    (code, message, field, hint) = (reason.code.rawValue, reason.message, reason.field, reason.hint)
  }
}
