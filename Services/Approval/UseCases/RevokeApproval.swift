import EntitlementModel
import Foundation
import Messaging

/// An approver takes back what was approved; request-intake ends what came of it, or has an administrator confirm it. Said
/// again it is told again; what nobody confirmed is taken back anew.
struct RevokeApproval: Sendable {
  func callAsFunction(
    _ id: UUID, _ caller: Caller, justification: String, _ work: Work
  ) throws -> StoredApproval {
    let table = ApprovalTable(connection: work.connection)
    guard var stored = try table.lock([id], tenants: [caller.tenant])[id] else { throw Refusal.notFound }
    let hindrances = try SubjectCopyTable(connection: work.connection)
      .hindrances(of: [caller.subject], tenants: [caller.tenant], at: work.now)
    if let hindrance = hindrances[caller.subject] { throw Refusal([hindrance.reason]) }
    // Whoever was merged into the caller may have approved.
    let approver = stored.approval.decisions.map(\.by).first { caller.subjects.contains($0) }
    let events = try stored.approval.revoke(
      ApprovalProcess.Revocation(by: approver ?? caller.subject, justification: justification, at: work.now))
    if events.isEmpty {
      try work.tellAgain(.revoked, about: stored)
      return stored
    }
    try table.update([stored.approval])
    try work.tell(
      events, about: stored, by: .approver(caller.subject), words: ["justification": justification])
    return stored
  }
}
