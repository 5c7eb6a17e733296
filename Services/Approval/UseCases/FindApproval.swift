import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres

/// One approval, for those whom it concerns: target, requestor, approvers, and those who answer for its catalog.
struct FindApproval: Sendable {
  let cache: ConfigurationCache

  /// What somebody may see of an approval.
  struct Sight: Sendable {
    let stored: StoredApproval
    /// The stages of which the caller is not told who decided.
    var hiddenStages: Set<Int> = []
  }

  func callAsFunction(
    _ id: UUID, tenant: UUID, _ caller: Caller?, _ principal: Principal, on connection: Connection,
    at now: Date
  ) throws -> Sight {
    let table = ApprovalTable(connection: connection)
    guard let stored = try table.find([id], tenants: [tenant])[id] else { throw Refusal.notFound }
    let approval = stored.approval
    let copies = ConfigurationCopies(connection: connection, cache: cache)
    if try Stewardship(of: [approval], copies).isHeld(by: principal, over: approval) {
      return Sight(stored: stored)
    }
    // Whoever is not known as a person decides nothing, and has asked for nothing.
    guard let caller else { throw Refusal.notFound }
    if approval.decisions.contains(where: { caller.subjects.contains($0.by) }) {
      return Sight(stored: stored)
    }
    let ids = Set([approval.assignmentPolicy, approval.organization, approval.tenant].compactMap(\.self))
    let objects = try copies.load(ids)
    var approvers = try Approvers(
      objects.values, callers: caller.subjects, tenants: [caller.tenant], on: connection, at: now)
    if !caller.subjects.isDisjoint(with: [approval.target.subject, approval.requestor]) {
      let hidden = approval.stages.indices.filter { !approvers.areShown(in: $0, of: approval) }
      return Sight(stored: stored, hiddenStages: Set(hidden))
    }
    try approvers.look(around: [approval])
    let surroundings = approvers.surroundings(of: approval)
    // Who decides a stage that is still to come may look, too.
    let mayDecide = (approvers.stages[approval.assignmentPolicy] ?? []).contains { stage in
      !approvers.seats(of: caller, stage: stage, around: surroundings, isEscalated: true).isEmpty
    }
    guard mayDecide || approvers.isNamed(caller, in: approval) else { throw Refusal.notFound }
    return Sight(stored: stored)
  }
}
