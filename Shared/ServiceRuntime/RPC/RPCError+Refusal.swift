import Contracts
package import EntitlementModel
package import GRPCCore
import GRPCProtobuf
import Protocols
import SwiftProtobuf

extension RPCError {
  /// With `google.rpc.Status` details: an `ErrorInfo` of the first reason's code, and the whole refusal.
  package init(_ error: some StatusConvertible) {
    let refusal = error.refusal
    let message = refusal.reasons.map(\.message).joined(separator: " ")
    var details: [ErrorDetails] = [
      .errorInfo(reason: refusal.reasons.first?.code.rawValue ?? "", domain: "vestibule")
    ]
    if let packed = try? Google_Protobuf_Any(message: Vestibule_Model_V1_Refusal(refusal)) {
      details.append(.any(packed))
    }
    self.init(GoogleRPCStatus(code: error.status, message: message, details: details))
  }

  /// What a service of ours refused, out of the status' details; nil for any other error.
  package var refusal: Refusal? {
    guard let status = try? unpackGoogleRPCStatus() else { return nil }
    for detail in status.details {
      guard let packed = detail.any, packed.isA(Vestibule_Model_V1_Refusal.self),
        let message = try? Vestibule_Model_V1_Refusal(unpackingAny: packed)
      else { continue }
      return Refusal(message)
    }
    return nil
  }
}
