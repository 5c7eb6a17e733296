import EntitlementModel
import Foundation
import Messaging

/// The deadline of a request that waits for its start; one that no longer waits has nothing due.
enum ScheduledStart {
  static let kind = "start"

  static func deadline(of request: AccessRequest, epoch: Int) -> Deadline {
    Deadline(
      aggregate: request.id, kind: kind, tenant: request.tenant,
      version: Version(epoch: epoch, number: request.version),
      dueAt: request.state == .scheduled ? request.startsAt : nil)
  }
}
