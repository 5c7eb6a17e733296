package import EntitlementModel
import Foundation
package import Protocols

extension ResourceObservation {
  package init(_ message: Vestibule_Events_V1_ResourceObservation) throws(ContractError) {
    let at = try Field.instant(message.hasObservedAt ? message.observedAt : nil, at: "observed_at")
    if !message.failure.isEmpty {
      self.init(.failure(message.failure), at: at)
    } else {
      self.init(message.offersAnyRole ? .anyRole : .roles(message.roles), at: at)
    }
  }
}
