import EntitlementModel
import Foundation
import Messaging

/// Somebody's answer to one request, not yet judged.
struct Answer: Sendable {
  let approval: UUID
  let caller: Caller
  let verdict: ApprovalProcess.Verdict
  let justification: String
}

/// Who asks: a person of a tenant.
struct Caller: Sendable, Hashable {
  let tenant: UUID
  let subject: UUID
  /// The connected organization that the person was matched to.
  let organization: UUID?
}

/// Judges answers and lets the first valid one for each approval decide.
struct DecideApprovals: Sendable {
  let cache: ConfigurationCache

  /// - Returns: for each answer, in their order, the approval that it decided.
  func callAsFunction(_ answers: [Answer], _ work: Work) throws -> [Result<StoredApproval, Refusal>] {
    let tenants = Set(answers.map(\.caller.tenant))
    let table = ApprovalTable(connection: work.connection)
    var approvals = try table.lock(Set(answers.map(\.approval)), tenants: tenants)
    let approvers = try approvers(of: approvals.values.map(\.approval), for: answers, tenants, work)
    var decided: [StoredApproval] = []
    let results = answers.map { answer -> Result<StoredApproval, Refusal> in
      guard var stored = approvals[answer.approval], stored.approval.tenant == answer.caller.tenant else {
        return .failure(.notFound)
      }
      do throws(Refusal) {
        try stored.approval.take(answer, approvers, at: work.now)
      } catch {
        return .failure(error)
      }
      approvals[answer.approval] = stored
      decided.append(stored)
      return .success(stored)
    }
    try table.update(decided.map(\.approval))
    for stored in decided { try work.tell([.completed], about: stored) }
    return results
  }

  private func approvers(
    of approvals: [ApprovalProcess], for answers: [Answer], _ tenants: Set<UUID>, _ work: Work
  ) throws -> Approvers {
    let ids = Set(approvals.map(\.assignmentPolicy)).union(approvals.compactMap(\.organization))
    let objects = try ConfigurationCopies(connection: work.connection, cache: cache).load(ids)
    return try Approvers(
      objects.values, callers: Set(answers.map(\.caller.subject)), tenants: tenants, on: work.connection,
      at: work.now)
  }
}

extension ApprovalProcess {
  /// Decides, or says everything that stands in the way.
  fileprivate mutating func take(_ answer: Answer, _ approvers: Approvers, at now: Date) throws(Refusal) {
    let caller = answer.caller
    let capacity = approvers.capacity(
      of: caller.subject, from: caller.organization, policy: assignmentPolicy, organization: organization)
    var reasons = obstacles(to: answer, capacity, approvers)
    do throws(Refusal) {
      // Without a capacity there is a reason already, and the copy that was decided is thrown away.
      _ = try decide(
        Decision(
          verdict: answer.verdict, by: caller.subject, capacity: capacity ?? .fallback,
          justification: answer.justification, at: now))
    } catch {
      reasons += error.reasons
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
  }

  private func obstacles(to answer: Answer, _ capacity: Capacity?, _ approvers: Approvers) -> [Reason] {
    var reasons: [Reason] = []
    if let hindrance = approvers.hindrance(of: answer.caller.subject) {
      reasons.append(hindrance.reason)
    } else if capacity == nil {
      reasons.append(Reason(.notAnApprover, "You are not among those who decide this request."))
    }
    if [target.subject, requestor].contains(answer.caller.subject) {
      reasons.append(Reason(.ownRequest, "Nobody decides a request of their own, or for themselves."))
    }
    if approvers.stages[assignmentPolicy]?.approverJustificationRequired == true,
      answer.justification.allSatisfy(\.isWhitespace)
    {
      reasons.append(
        Reason(.approverJustificationRequired, "The policy asks for a reason.", field: "justification"))
    }
    return reasons
  }
}
