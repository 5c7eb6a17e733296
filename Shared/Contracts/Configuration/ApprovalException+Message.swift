package import EntitlementModel
package import Protocols
import SwiftProtobuf

extension ApprovalException {
  /// One that was signed.
  package init(_ message: Vestibule_Model_V1_ApprovalException) throws(ContractError) {
    self.init(
      reason: message.reason, signedBy: try Administrator(message.signedBy, at: "signed_by"),
      signedAt: try Field.instant(message.hasSignedAt ? message.signedAt : nil, at: "signed_at"))
  }
}

extension Vestibule_Model_V1_ApprovalException {
  package init(_ exception: ApprovalException) {
    self.init()
    (reason, signedBy) = (exception.reason, Vestibule_Model_V1_Administrator(exception.signedBy))
    signedAt = Google_Protobuf_Timestamp(exception.signedAt)
  }

  /// Only what is asked for: whoever saves it signs.
  package mutating func clearSignature() {
    clearSignedBy()
    clearSignedAt()
  }
}
