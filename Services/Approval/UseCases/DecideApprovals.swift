import EntitlementModel
import Foundation
import Identity
import Messaging

/// Somebody's answer to one request, not yet judged.
struct Answer: Sendable {
  let approval: UUID
  let caller: Caller
  let verdict: ApprovalProcess.Verdict
  var justification = ""
  /// The stage that the caller saw, from 0; nil for whichever waits.
  var stage: Int?
  /// Whether an approval of several stages may be decided by somebody who does not say which one they saw.
  var mayOmitStage = true
  /// When the access is to end at the latest, if the caller gives less than was asked for.
  var endsAt: Date?
  /// With the caller's roles, which matter where nobody can be found who decides.
  var principal: Principal?
}

/// Who asks: a person of a tenant.
struct Caller: Sendable, Hashable {
  let tenant: UUID
  let subject: UUID
  /// Those who were merged into the person: what they might decide the person may.
  var merged: Set<UUID> = []
  /// The connected organization that the person was matched to.
  let organization: UUID?

  /// All subjects that the caller is.
  var subjects: Set<UUID> { merged.union([subject]) }
}

/// Judges answers, one after the other: of those for one stage the quickest valid ones decide.
struct DecideApprovals: Sendable {
  let cache: ConfigurationCache

  /// - Returns: for each answer, in their order, the approval that it decided.
  func callAsFunction(_ answers: [Answer], _ work: Work) throws -> [Result<StoredApproval, Refusal>] {
    let tenants = Set(answers.map(\.caller.tenant))
    let (table, deadlines) = (
      ApprovalTable(connection: work.connection), DeadlineTable(connection: work.connection)
    )
    let ids = Set(answers.map(\.approval))
    try deadlines.lock(ids)
    var approvals = try table.lock(ids, tenants: tenants)
    let judges = try Judges(
      of: approvals.values.map(\.approval), for: answers, tenants,
      ConfigurationCopies(connection: work.connection, cache: cache), at: work.now)
    var (changed, toLookAt) = ([UUID: StoredApproval](), Set<UUID>())
    let results = try answers.map { answer -> Result<StoredApproval, Refusal> in
      guard var stored = approvals[answer.approval], stored.approval.tenant == answer.caller.tenant else {
        return .failure(.notFound)
      }
      let events: [ApprovalProcess.Event]
      do throws(Refusal) {
        events = try stored.approval.take(answer, judges, at: work.now)
      } catch {
        return .failure(error)
      }
      approvals[answer.approval] = stored
      changed[answer.approval] = stored
      let isAdministrators = stored.approval.decisions.last?.capacity == .administrator
      let administrator = isAdministrators ? answer.principal?.initiator : nil
      try work.tell(
        events, about: stored, by: administrator ?? .approver(answer.caller.subject),
        words: ["justification": answer.justification])
      if isAdministrators || events.contains(.stageOpened) { toLookAt.insert(stored.approval.tenant) }
      return .success(stored)
    }
    try work.lookForApprovers(in: toLookAt)
    try table.update(changed.values.map(\.approval))
    // A later stage has a clock of its own; that of an approval which is over falls due and says nothing.
    try deadlines.arm(changed.values.map(\.deadline).filter { $0.dueAt != nil })
    return results
  }
}

/// Who may decide a batch: those whom the policies ask, and those who answer for the catalogs when nobody else is found.
private struct Judges {
  let approvers: Approvers
  private let stewardship: Stewardship

  init(
    of approvals: [ApprovalProcess], for answers: [Answer], _ tenants: Set<UUID>,
    _ copies: ConfigurationCopies,
    at now: Date
  ) throws {
    let mayBeStewards = answers.contains { $0.principal?.roles.isEmpty == false }
    var ids = Set(approvals.map(\.assignmentPolicy)).union(approvals.compactMap(\.organization))
    if mayBeStewards { ids.formUnion(approvals.map(\.accessPackage)) }
    let objects = try copies.load(ids)
    stewardship = try Stewardship(objects)
    var approvers = try Approvers(
      objects.values, callers: answers.reduce(into: []) { $0.formUnion($1.caller.subjects) },
      tenants: tenants, on: copies.connection, at: now)
    if mayBeStewards {
      try approvers.look(around: approvals.map(WaitingRequest.init))
    } else {
      try approvers.look(around: approvals)
    }
    self.approvers = approvers
  }

  func seat(of answer: Answer, in approval: ApprovalProcess) -> Seat? {
    if let seat = approvers.seat(of: answer.caller, in: approval) { return seat }
    guard isSteward(answer, of: approval), approvers.hindrance(of: answer.caller.subject) == nil else {
      return nil
    }
    switch answer.verdict {
    case .approve where !approvers.administratorsMayDecide(under: approval.assignmentPolicy): return nil
    case .approve, .deny: return Seat(approver: answer.caller.subject, capacity: .administrator)
    }
  }

  /// Whether nobody else is found, and it is the caller who answers for that.
  func isSteward(_ answer: Answer, of approval: ApprovalProcess) -> Bool {
    guard let principal = answer.principal, stewardship.isHeld(by: principal, over: approval) else {
      return false
    }
    return approvers.absence(in: WaitingRequest(approval), tenant: approval.tenant) != nil
  }
}

extension ApprovalProcess {
  /// Decides, or says everything that stands in the way.
  fileprivate mutating func take(
    _ answer: Answer, _ judges: Judges, at now: Date
  ) throws(Refusal) -> [Event] {
    let (caller, seat) = (answer.caller.subject, judges.seat(of: answer, in: self))
    var reasons = obstacles(to: answer, seat, judges) + answer.shorteningFaults(at: now)
    var decided = self
    var events: [Event] = []
    do throws(Refusal) {
      // Without a seat there is a reason already, and the copy that was decided is thrown away.
      events = try decided.decide(
        Decision(
          verdict: answer.verdict, by: caller,
          onBehalfOf: answer.delegator(in: seat),
          capacity: seat?.capacity ?? .fallback, justification: answer.justification, endsAt: answer.endsAt,
          at: now), in: answer.stage)
    } catch {
      reasons += error.reasons
    }
    if !reasons.isEmpty { throw Refusal(reasons) }
    self = decided
    return events
  }

  private func obstacles(to answer: Answer, _ seat: Seat?, _ judges: Judges) -> [Reason] {
    let approvers = judges.approvers
    var reasons: [Reason] = []
    if let hindrance = approvers.hindrance(of: answer.caller.subject) {
      reasons.append(hindrance.reason)
    } else if seat == nil, approvers.isReplaced(answer.caller, in: self) {
      reasons.append(Reason(.reassigned, "Others were named to decide this stage instead."))
    } else if seat == nil, judges.isSteward(answer, of: self) {
      reasons.append(
        Reason(
          .notAnApprover, "Nobody can be found who decides; the policy lets you name others, or deny.",
          hint: "administratorsMayDecide"))
    } else if seat == nil {
      reasons.append(Reason(.notAnApprover, "You are not among those who decide this request."))
    }
    if !approvers.concerned(by: answer.caller).isDisjoint(with: [target.subject, requestor]) {
      reasons.append(
        Reason(.ownRequest, "Nobody decides a request of their own or for themselves, nor does a delegate."))
    }
    // By the same identity `decide` says it.
    let said: Set = [answer.caller.subject, answer.delegator(in: seat) ?? answer.caller.subject]
    if let seat, !waiting.hasWord(of: said), approvers.hasWord(of: answer.caller, in: seat, of: self) {
      reasons.append(
        Reason(.alreadyDecided, "You, or whoever you decide for, decided this stage by another identity."))
    }
    if !answer.mayOmitStage, answer.stage == nil, stages.count > 1 {
      reasons.append(
        Reason(
          .required, "It takes \(stages.count) stages to approve this: say which one you saw.",
          field: "stage", hint: "1 to \(stages.count)"))
    }
    let stage = approvers.stage(currentStage, of: assignmentPolicy)
    if stage?.approverJustificationRequired == true, answer.isWithoutJustification {
      reasons.append(
        Reason(.approverJustificationRequired, "The policy asks for a reason.", field: "justification"))
    }
    return reasons
  }
}

extension Answer {
  /// For whom the caller decides there; nil for nobody else.
  fileprivate func delegator(in seat: Seat?) -> UUID? {
    seat.flatMap { caller.subjects.contains($0.approver) ? nil : $0.approver }
  }

  fileprivate var isWithoutJustification: Bool { justification.allSatisfy(\.isWhitespace) }

  /// Decision 16: an approver may give less, with a reason.
  fileprivate func shorteningFaults(at now: Date) -> [Reason] {
    guard let endsAt else { return [] }
    var reasons: [Reason] = []
    if endsAt <= now || verdict == .deny {
      reasons.append(
        Reason(.outOfRange, "An end is for an approval, and lies in the future.", field: "end_date_time"))
    }
    if isWithoutJustification {
      reasons.append(
        Reason(
          .approverJustificationRequired, "Say why less is given than was asked for.", field: "justification")
      )
    }
    return reasons
  }
}
