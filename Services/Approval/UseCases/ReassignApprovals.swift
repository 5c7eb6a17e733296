import EntitlementModel
import Foundation
import Identity
import Messaging

/// Names others for stages that wait, in place of those whom the policies ask. Whoever decides at the same time is
/// before it, and counts, or after it, and is told.
struct ReassignApprovals: Sendable {
  let cache: ConfigurationCache

  /// What is asked of each of several approvals.
  struct Wish: Sendable {
    let approvers: [UUID]
    let justification: String
    /// The stage that the caller saw, from 0; nil for whichever waits.
    var stage: Int?
  }

  /// - Returns: for each id, in their order, the approval as it is now.
  func callAsFunction(
    _ ids: some Collection<UUID>, _ wish: Wish, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> [Result<StoredApproval, Refusal>] {
    let (table, deadlines) = (
      ApprovalTable(connection: work.connection), DeadlineTable(connection: work.connection)
    )
    // Whoever decides takes the same order.
    try deadlines.lock(ids)
    var approvals = try table.lock(Set(ids), tenants: [tenant])
    let stewardship = try Stewardship(
      of: approvals.values.map(\.approval), ConfigurationCopies(connection: work.connection, cache: cache))
    let reassignment = ApprovalProcess.Reassignment(
      by: Administrator(principal), approvers: wish.approvers, justification: wish.justification, at: work.now
    )
    let rule = try rule(for: reassignment, tenant: tenant, work)
    var changed: [UUID: StoredApproval] = [:]
    let results = try ids.map { id -> Result<StoredApproval, Refusal> in
      guard var stored = approvals[id], stewardship.isHeld(by: principal, over: stored.approval) else {
        return .failure(.notFound)
      }
      let events: [ApprovalProcess.Event]
      do throws(Refusal) {
        events = try stored.approval.take(reassignment, in: wish.stage, by: rule)
      } catch {
        return .failure(error)
      }
      guard !events.isEmpty else { return .success(stored) }
      (approvals[id], changed[id]) = (stored, stored)
      try work.tell(
        events, about: stored, by: principal.initiator, words: ["justification": wish.justification])
      return .success(stored)
    }
    try table.update(changed.values.map(\.approval))
    if !changed.isEmpty { try work.lookForApprovers(in: [tenant]) }
    // What was going to be escalated is not any more.
    try deadlines.arm(changed.values.map(\.deadline))
    return results
  }

  private func rule(
    for reassignment: ApprovalProcess.Reassignment, tenant: UUID, _ work: Work
  ) throws -> ReassignmentRule {
    let (subjects, tenants) = (SubjectCopyTable(connection: work.connection), Set([tenant]))
    let people = Set(reassignment.approvers + [reassignment.by.subject].compactMap(\.self))
    let linked = try subjects.linked(to: people, tenants: tenants)
    let hindrances = try subjects.hindrances(of: people, tenants: tenants, at: work.now)
    return ReassignmentRule(
      known: try subjects.known(people, tenants: tenants),
      hindered: Set(hindrances.keys), linked: linked)
  }
}

extension ApprovalProcess {
  /// Reassigns, or says everything that stands in the way.
  fileprivate mutating func take(
    _ reassignment: Reassignment, in stage: Int?, by rule: ReassignmentRule
  ) throws(Refusal) -> [Event] {
    var reasons = rule.reasons(against: reassignment, of: self)
    var reassigned = self
    var events: [Event] = []
    do throws(Refusal) { events = try reassigned.reassign(reassignment, in: stage) } catch {
      reasons += error.reasons
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
    self = reassigned
    return events
  }
}
