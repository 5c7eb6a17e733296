import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Whether the people whom a batch bars anew wait for a second administrator, as one.
struct BarGuard {
  let work: Work
  let tenant: UUID
  let principal: Principal

  /// - Parameter bars: the people, with the versions in which they are stored.
  func waiting(
    _ bars: [UUID: Int], _ items: [Vestibule_Model_V1_Subject], _ admission: Admission
  ) throws -> PendingConfirmation? {
    guard let first = bars.keys.min() else { return nil }
    let change = Vestibule_Model_V1_GuardedChange.with {
      $0.putSubjects.subjects = items.filter { UUID(text: $0.id).flatMap { bars[$0] } != nil }
    }
    let effect = GuardedEffect(
      object: first, objectVersion: bars.values.reduce(0, +), people: Set(bars.keys))
    return try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
      change, effect, admission)
  }
}
