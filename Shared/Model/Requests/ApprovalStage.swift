package import Foundation

extension ApprovalProcess {
  /// One round of asking. It is over when enough have said yes, or one has said no.
  package struct Stage: Sendable, Hashable {
    package let plan: Plan
    package private(set) var openedAt: Date?
    package private(set) var isEscalated: Bool
    package private(set) var decisions: [Decision]
    package private(set) var reassignments: [Reassignment]

    /// What a stage takes.
    package struct Plan: Sendable, Hashable {
      package let timeout: Period
      /// So long after it opens the escalation approvers are asked too.
      package let escalation: Period?
      package let approvalsRequired: Int

      package init(timeout: Period, escalation: Period? = nil, approvalsRequired: Int = 1) {
        (self.timeout, self.escalation, self.approvalsRequired) = (timeout, escalation, approvalsRequired)
      }
    }

    package init(
      _ plan: Plan, openedAt: Date? = nil, isEscalated: Bool = false, decisions: [Decision] = [],
      reassignments: [Reassignment] = []
    ) {
      (self.plan, self.openedAt) = (plan, openedAt)
      (self.isEscalated, self.decisions, self.reassignments) = (isEscalated, decisions, reassignments)
    }

    /// Who decides in place of those whom the policy asks; nil where nobody was named.
    package var reassignedTo: Set<UUID>? { reassignments.last.map { Set($0.approvers) } }

    package var expiresAt: Date? { openedAt.map { $0 + plan.timeout } }

    package var escalatesAt: Date? {
      guard let openedAt, let escalation = plan.escalation else { return nil }
      return openedAt + escalation
    }

    /// Escalation asks others too; where others were named already it has nothing to say.
    var mayEscalate: Bool { !isEscalated && reassignments.isEmpty }

    /// Months differ, so that an escalation may come to lie behind the end: then there is none.
    var nextDue: Date? {
      [mayEscalate ? escalatesAt : nil, expiresAt].compactMap(\.self).min()
    }

    /// Whether one of these people has decided, or somebody has for one of them: a person counts once.
    package func hasWord(of people: Set<UUID>) -> Bool {
      decisions.contains { !people.isDisjoint(with: [$0.by, $0.seat]) }
    }

    var isApproved: Bool { approvalsMissing == 0 }

    var approvalsMissing: Int { max(0, plan.approvalsRequired - decisions.count { $0.verdict == .approve }) }

    mutating func open(at now: Date) { openedAt = now }
    mutating func escalate() { isEscalated = true }
    mutating func record(_ decision: Decision) { decisions.append(decision) }
    mutating func reassign(_ reassignment: Reassignment) { reassignments.append(reassignment) }
  }

  package enum Verdict: String, Sendable { case approve, deny }

  /// Why somebody may decide; the decision records it (decision 14).
  package enum Capacity: String, Sendable, CaseIterable {
    case singleUser, internalSponsor, externalSponsor, requestorManager, targetUserSponsor, groupMember
    case fallback, escalation, reassigned
    /// Who answers for the catalog or the tenant, when nobody else can be found (decision 15).
    case administrator
  }

  package struct Decision: Sendable, Hashable {
    package let verdict: Verdict
    package let by: UUID
    /// The approver for whom a delegate decided.
    package let onBehalfOf: UUID?
    package let capacity: Capacity
    package let justification: String
    /// When the access is to end at the latest, if the approver gives less than was asked for (decision 16).
    package let endsAt: Date?
    package let at: Date

    package init(
      verdict: Verdict, by: UUID, onBehalfOf: UUID? = nil, capacity: Capacity, justification: String,
      endsAt: Date? = nil, at: Date
    ) {
      (self.verdict, self.by, self.onBehalfOf, self.capacity) = (verdict, by, onBehalfOf, capacity)
      (self.justification, self.endsAt, self.at) = (justification, endsAt, at)
    }

    /// Whose word it is: an approver and the delegate count once.
    package var seat: UUID { onBehalfOf ?? by }
  }
}

extension AssignmentPolicy.Stage {
  /// What of it is fixed when an approval opens.
  package var plan: ApprovalProcess.Stage.Plan {
    ApprovalProcess.Stage.Plan(
      timeout: timeout, escalation: escalation?.after, approvalsRequired: approvalsRequired)
  }
}
