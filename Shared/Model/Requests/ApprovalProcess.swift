package import Foundation

/// The approval of one request, in one to three stages; bears the request's id. Owned by approval.
package struct ApprovalProcess: Sendable, Hashable, Identifiable {
  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package private(set) var state: State
  package let target: Target
  package let requestor: UUID
  package let accessPackage: UUID
  package let assignmentPolicy: UUID
  package let organization: UUID?
  package let justification: String
  /// What the requestor answered, for those who decide.
  package let answers: [QuestionAnswer]
  package let openedAt: Date
  /// What each stage takes is fixed when the process opens; who may decide is not (decision 14).
  package private(set) var stages: [Stage]
  package private(set) var revocation: Revocation?

  package enum State: String, Sendable, CaseIterable { case pending, approved, denied, timedOut, canceled }

  /// How it ended, for the request.
  package enum Outcome: String, Sendable, CaseIterable { case approved, denied, timedOut }

  /// A fact about an approval; the event type is `approval.` and this.
  package enum Event: String, Sendable, CaseIterable {
    case stageOpened = "stage-opened"
    case escalated
    /// Others were named for the stage that waits.
    case reassigned
    /// Somebody has decided and the process goes on.
    case decided
    case completed
    /// An approver takes back what was approved, or that was confirmed.
    case revoked
    /// What was approved stays until a second administrator confirms that it is taken back.
    case revocationWaits = "revocation-waits"
    /// Nobody confirmed it: the approval stands.
    case revocationLapsed = "revocation-lapsed"
  }

  package init(
    id: UUID, tenant: UUID, version: Int, state: State, target: Target, requestor: UUID, accessPackage: UUID,
    assignmentPolicy: UUID, organization: UUID?, justification: String,
    answers: [QuestionAnswer] = [], openedAt: Date, stages: [Stage], revocation: Revocation? = nil
  ) {
    (self.id, self.tenant, self.version, self.state) = (id, tenant, version, state)
    (self.target, self.requestor, self.accessPackage) = (target, requestor, accessPackage)
    (self.assignmentPolicy, self.organization) = (assignmentPolicy, organization)
    (self.justification, self.answers) = (justification, answers)
    (self.openedAt, self.stages, self.revocation) = (openedAt, stages, revocation)
  }
}

extension ApprovalProcess {
  /// Opens the first stage of a request that waits. The clock is the request's own, so that a late delivery of the
  /// event does not move the deadline.
  package static func open(
    _ request: AccessRequest, stages: [AssignmentPolicy.Stage], policy: UUID
  ) -> (Self, [Event]) {
    var approval = ApprovalProcess(
      id: request.id, tenant: request.tenant, version: 1, state: .pending, target: request.target,
      requestor: request.requestor, accessPackage: request.accessPackage, assignmentPolicy: policy,
      organization: request.organization, justification: request.justification, answers: request.answers,
      openedAt: request.createdAt, stages: stages.map { Stage($0.plan) })
    approval.stages[0].open(at: request.createdAt)
    guard request.isFirstStageGiven else { return (approval, [.stageOpened]) }
    approval.stages[0].record(
      Decision(
        verdict: .approve, by: request.requestor, capacity: .externalSponsor,
        justification: request.justification, at: request.createdAt))
    let told = approval.advance(from: 0, at: request.createdAt)
    return (approval, told)
  }

  /// The place of the stage that waits; the last one that was opened, once the process is over.
  package var currentStage: Int {
    stages.lastIndex { $0.openedAt != nil } ?? 0
  }

  /// What happens next by itself: the stage's escalation, then its timeout. Nil once the process is over.
  package var nextDue: Date? {
    guard state == .pending else { return nil }
    return stages[currentStage].nextDue
  }

  /// The quickest who say yes decide, as many as the stage needs; the first no ends everything.
  ///
  /// - Parameter expected: the stage that the caller saw, if said: a later one is not decided by mistake.
  /// - Throws: `alreadyDecided`.
  package mutating func decide(_ decision: Decision, in expected: Int? = nil) throws(Refusal) -> [Event] {
    switch state {
    case .pending:
      let stage = currentStage
      if let expected, expected != stage { throw Self.isDecided(stage: expected) }
      if stages[stage].hasWord(of: [decision.by, decision.seat]) {
        throw Self.isDecided(by: decision, stage: stage)
      }
      stages[stage].record(decision)
      version += 1
      switch decision.verdict {
      case .deny: return end(.denied)
      case .approve: return advance(from: stage, at: decision.at)
      }
    case .approved, .denied, .timedOut, .canceled:
      throw isOver
    }
  }

  /// Others decide the stage that waits, in place of those whom the policy asks; what was decided in it stands. The same
  /// said again changes nothing.
  ///
  /// - Parameter expected: the stage that the caller saw, if said.
  /// - Throws: `alreadyDecided`, or `outOfRange` where fewer are named than have still to say yes.
  package mutating func reassign(
    _ reassignment: Reassignment, in expected: Int? = nil
  ) throws(Refusal) -> [Event] {
    switch state {
    case .pending:
      let stage = currentStage
      if let expected, expected != stage { throw Self.isDecided(stage: expected) }
      if stages[stage].reassignments.last?.saysTheSame(as: reassignment) == true { return [] }
      let heard = Set(stages[stage].decisions.flatMap { [$0.by, $0.seat] })
      let missing = stages[stage].approvalsMissing
      guard Set(reassignment.approvers).subtracting(heard).count >= missing else {
        throw Refusal(
          .outOfRange, "The stage needs more approvals than these people could still give.",
          field: "approvers", hint: "at least \(missing) who have not decided it")
      }
      stages[stage].reassign(reassignment)
      version += 1
      return [.reassigned]
    case .approved, .denied, .timedOut, .canceled:
      throw isOver
    }
  }

  /// The clock has come to the stage's escalation or to its end. A due message for another instant says nothing.
  package mutating func fallDue(_ due: Due) -> [Event] {
    switch state {
    case .pending where due.at.isSameInstant(as: stages[currentStage].escalatesAt):
      guard stages[currentStage].mayEscalate else { return [] }
      stages[currentStage].escalate()
      version += 1
      return [.escalated]
    case .pending where due.at.isSameInstant(as: stages[currentStage].expiresAt):
      version += 1
      return end(.timedOut)
    case .pending, .approved, .denied, .timedOut, .canceled:
      return []
    }
  }

  /// The request was taken back, or ended otherwise.
  package mutating func cancel() -> [Event] {
    switch state {
    case .pending:
      (state, version) = (.canceled, version + 1)
      return []
    case .approved, .denied, .timedOut, .canceled:
      return []
    }
  }

  /// Takes back what was approved. Said again, it changes nothing, unless it had lapsed.
  ///
  /// - Throws: `notAnApprover` to whoever has not approved it, `notRevocable` for what was not approved.
  package mutating func revoke(_ revocation: Revocation) throws(Refusal) -> [Event] {
    let own = decisions.filter { [$0.by, $0.seat].contains(revocation.by) }
    guard own.contains(where: { $0.verdict == .approve }) else {
      throw Refusal(.notAnApprover, "Only those who approved it take it back.")
    }
    switch (state, self.revocation?.state) {
    case (.approved, .revoked), (.approved, .waiting), (.approved, .confirmed): return []
    case (.approved, nil), (.approved, .lapsed):
      (self.revocation, version) = (revocation.after(self.revocation), version + 1)
      return [.revoked]
    case (.pending, _), (.denied, _), (.timedOut, _), (.canceled, _):
      throw Refusal(
        .notRevocable, "There is no approval to take back: it is \(state.rawValue).", hint: state.rawValue)
    }
  }

  /// Taking it back turned out to concern so many at once that an administrator has to see it; or what came of that.
  ///
  /// - Parameter instant: when that was taken back which is meant; another says nothing.
  package mutating func follow(
    _ confirmation: PendingConfirmation.State, ofRevocationAt instant: Date
  ) -> [Event] {
    guard var revocation, revocation.at.isSameInstant(as: instant),
      let event = revocation.follow(confirmation)
    else { return [] }
    (self.revocation, version) = (revocation, version + 1)
    return [event]
  }

  package var outcome: Outcome? {
    switch state {
    case .pending, .canceled: nil
    case .approved: .approved
    case .denied: .denied
    case .timedOut: .timedOut
    }
  }

  package var decisions: [Decision] { stages.flatMap(\.decisions) }

  /// The earliest end that an approver has set (decision 16).
  package var shortenedEnd: Date? { decisions.compactMap(\.endsAt).min() }

  private mutating func advance(from stage: Int, at now: Date) -> [Event] {
    guard stages[stage].isApproved else { return [.decided] }
    guard stage + 1 < stages.count else { return end(.approved) }
    stages[stage + 1].open(at: now)
    return [.decided, .stageOpened]
  }

  private mutating func end(_ last: State) -> [Event] {
    state = last
    return [.completed]
  }

  private var isOver: Refusal {
    Refusal(
      .alreadyDecided, "This request waits for no decision any more: it is \(state.rawValue).",
      hint: state.rawValue)
  }

  private static func isDecided(stage: Int) -> Refusal {
    Refusal(
      .alreadyDecided, "Stage \(stage + 1) of this approval waits for no decision any more.",
      field: "stage", hint: "\(stage + 1)")
  }

  private static func isDecided(by decision: Decision, stage: Int) -> Refusal {
    Refusal(
      .alreadyDecided, "Stage \(stage + 1) has your word, or your delegate's, already; others are still to.")
  }
}
