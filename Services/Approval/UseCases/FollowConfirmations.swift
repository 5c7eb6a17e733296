import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// `confirmation.requested` and `.decided`: what approvers took back waits for a second administrator, is confirmed, or
/// stands after all (decision 26).
struct FollowConfirmations: Sendable {
  func callAsFunction(
    _ events: [Received<Vestibule_Events_V1_ConfirmationEvent>], _ work: Work
  ) throws {
    let judgements = try events.flatMap { try Judgement.all(of: $0.body.confirmation) }
    guard !judgements.isEmpty else { return }
    let table = ApprovalTable(connection: work.connection)
    var locked = try table.lock(Set(judgements.map(\.approval)), tenants: Set(events.map(\.tenant)))
    var changed: Set<UUID> = []
    for judgement in judgements {
      guard var stored = locked[judgement.approval] else { continue }
      let told = stored.approval.follow(judgement.confirmation, ofRevocationAt: judgement.revokedAt)
      guard !told.isEmpty else { continue }
      try work.tell(told, about: stored, by: .system)
      locked[judgement.approval] = stored
      changed.insert(judgement.approval)
    }
    try table.update(changed.compactMap { locked[$0]?.approval })
  }
}

/// What a confirmation says of one approval that was taken back.
private struct Judgement {
  let approval: UUID
  let revokedAt: Date
  let confirmation: PendingConfirmation.State

  /// None where it is about something else.
  static func all(of message: Vestibule_Model_V1_PendingConfirmation) throws -> [Judgement] {
    guard case .revokeApprovals(let list) = message.change.change else { return [] }
    let state = try PendingConfirmation.State(message.state)
    return try list.revocations.map { revocation in
      Judgement(
        approval: try Field.id(revocation.request, at: "request"),
        revokedAt: try Field.instant(
          revocation.hasRevokedAt ? revocation.revokedAt : nil, at: "revoked_at"), confirmation: state)
    }
  }
}
