import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Ends what came of approvals that were taken back, unless it waits for an administrator.
struct FoldRevocations: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ApprovalEvent>], _ work: Work) throws {
    let newest = Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }
    let revocations = try newest.compactMapValues { try ApprovalProcess($0.body.approval).revocation }
    try EndRevokedAccess(store: store)(revocations, tenants: Set(events.map(\.tenant)), work)
  }
}
