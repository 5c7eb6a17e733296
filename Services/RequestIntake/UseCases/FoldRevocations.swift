import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Ends what came of approvals that were taken back, unless it waits for an administrator.
struct FoldRevocations: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ApprovalEvent>], _ work: Work) throws {
    let revocations = try events.reduce(into: [UUID: ApprovalProcess.Revocation]()) { found, event in
      found[event.aggregate] = try ApprovalProcess(event.body.approval).revocation
    }
    try EndRevokedAccess(store: store)(revocations, tenants: Set(events.map(\.tenant)), work)
  }
}
