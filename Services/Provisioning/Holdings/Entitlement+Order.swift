package import EntitlementModel
import Foundation

/// The order of the table's keys.
extension Entitlement.ID: Comparable {
  package static func < (left: Entitlement.ID, right: Entitlement.ID) -> Bool {
    if left.guest != right.guest { return left.guest < right.guest }
    return (left.resource, left.role) < (right.resource, right.role)
  }
}
