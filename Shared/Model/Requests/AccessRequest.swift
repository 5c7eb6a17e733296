package import Foundation

/// What somebody asked for: access, more time, or its end. Owned by request-intake.
package struct AccessRequest: Sendable, Hashable, Identifiable {
  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package let kind: Kind
  /// What a request of kind update changes; nil for the others.
  package let update: Update?
  package private(set) var state: State
  package private(set) var status: Status
  package private(set) var target: Target
  package let requestor: UUID
  package let accessPackage: UUID
  package private(set) var assignmentPolicy: UUID?
  package private(set) var organization: UUID?
  /// The assignment that it makes (then of this request's own id) or changes.
  package private(set) var assignment: UUID
  package private(set) var justification: String
  package private(set) var answers: [QuestionAnswer]
  /// Nil when its policy demands none.
  package private(set) var terms: TermsAcceptance?
  /// Asked by the partner's sponsor, which counts as the first stage's yes (decision 14).
  package let isFirstStageGiven: Bool
  /// Why it takes access away, where its kind alone does not say.
  package let endReason: Assignment.EndReason?
  /// Whether it takes a person's account and access under governance, though they were there before.
  package let adoptsGuest: Bool
  package let startsAt: Date?
  package private(set) var term: Term
  package let createdAt: Date
  package private(set) var completedAt: Date?
  package private(set) var reprocessed: Reprocessed

  /// Graph's `accessPackageRequestType`.
  package enum Kind: String, Sendable, CaseIterable {
    case userAdd, userUpdate, userRemove, adminAdd, adminUpdate, adminRemove, systemAdd, systemUpdate,
      systemRemove, approverRemove

    package enum Purpose: Sendable { case add, update, remove }

    package var purpose: Purpose {
      switch self {
      case .userAdd, .adminAdd, .systemAdd: .add
      case .userUpdate, .adminUpdate, .systemUpdate: .update
      case .userRemove, .adminRemove, .systemRemove, .approverRemove: .remove
      }
    }
  }

  /// What an update carries: a new schedule, the whole set of answers, or another policy with both.
  package enum Update: String, Sendable, CaseIterable { case schedule, answers, policy }

  /// Graph's `accessPackageRequestState`.
  package enum State: String, Sendable, CaseIterable {
    case pendingApproval, scheduled, delivering, partiallyDelivered, delivered, deliveryFailed, denied,
      canceled

    /// Whether a second request for the same package has to wait for this one (decision 7).
    package var isOpen: Bool {
      switch self {
      case .pendingApproval, .scheduled, .delivering, .partiallyDelivered: true
      case .delivered, .deliveryFailed, .denied, .canceled: false
      }
    }
  }

  /// The finer word beside the state.
  package enum Status: String, Sendable, CaseIterable {
    case pendingApproval = "PendingApproval"
    case pendingNotBefore = "PendingNotBefore"
    case accepted = "Accepted"
    case delivering = "Delivering"
    case partiallyDelivered = "PartiallyDelivered"
    case delivered = "Delivered"
    case deliveryFailed = "DeliveryFailed"
    case denied = "Denied"
    case timedOut = "TimedOut"
    case endPassed = "EndPassed"
    case canceled = "Canceled"
    case assignmentEnded = "AssignmentEnded"
  }

  /// How often it was done again. What is asserted is what has not failed: only who knows that nothing newer stands for
  /// the person begins a failed delivery anew.
  package struct Reprocessed: Sendable, Hashable {
    /// Of a delivery that had failed.
    package var redeliveries: Int
    package var assertions: Int

    package init(redeliveries: Int, assertions: Int) {
      (self.redeliveries, self.assertions) = (redeliveries, assertions)
    }

    package static let never = Reprocessed(redeliveries: 0, assertions: 0)
  }

  /// A fact about a request; the event type is `request.` and this.
  package enum Event: String, Sendable, CaseIterable {
    case submitted, scheduled, approved, denied, canceled, delivered
    case deliveryFailed = "delivery-failed"
  }

  package init(
    id: UUID, tenant: UUID, version: Int, kind: Kind, update: Update? = nil, state: State, status: Status,
    target: Target, requestor: UUID,
    accessPackage: UUID, assignmentPolicy: UUID?, organization: UUID?, assignment: UUID,
    justification: String, answers: [QuestionAnswer] = [], terms: TermsAcceptance? = nil,
    isFirstStageGiven: Bool = false, endReason: Assignment.EndReason? = nil, adoptsGuest: Bool = false,
    startsAt: Date?, term: Term,
    createdAt: Date, completedAt: Date?, reprocessed: Reprocessed = .never
  ) {
    (self.id, self.tenant, self.version, self.kind) = (id, tenant, version, kind)
    self.update = kind.purpose == .update ? update ?? .schedule : nil
    (self.state, self.status, self.target, self.requestor) = (state, status, target, requestor)
    (self.accessPackage, self.assignmentPolicy) = (accessPackage, assignmentPolicy)
    (self.organization, self.assignment, self.justification) = (organization, assignment, justification)
    (self.answers, self.terms, self.startsAt, self.term) = (answers, terms, startsAt, term)
    (self.isFirstStageGiven, self.endReason, self.adoptsGuest) = (isFirstStageGiven, endReason, adoptsGuest)
    (self.createdAt, self.completedAt, self.reprocessed) = (createdAt, completedAt, reprocessed)
  }
}

extension AccessRequest {
  /// What is known of a request when it comes in.
  package struct Draft: Sendable, Hashable {
    package var id: UUID
    package var tenant: UUID
    package var kind: Kind
    package var update: Update?
    package var target: Target
    package var requestor: UUID
    package var accessPackage: UUID
    package var assignmentPolicy: UUID?
    package var organization: UUID?
    /// Only for requests that change an assignment.
    package var assignment: UUID?
    package var justification: String
    package var answers: [QuestionAnswer]
    package var terms: TermsAcceptance?
    package var isFirstStageGiven = false
    package var endReason: Assignment.EndReason?
    package var adoptsGuest: Bool
    package var startsAt: Date?
    package var term: Term

    package init(
      id: UUID, tenant: UUID, kind: Kind, update: Update? = nil, target: Target, requestor: UUID,
      accessPackage: UUID, assignmentPolicy: UUID?, organization: UUID?, assignment: UUID? = nil,
      justification: String = "",
      answers: [QuestionAnswer] = [], terms: TermsAcceptance? = nil, endReason: Assignment.EndReason? = nil,
      adoptsGuest: Bool = false,
      startsAt: Date? = nil, term: Term
    ) {
      (self.id, self.tenant, self.kind, self.target) = (id, tenant, kind, target)
      self.update = update
      (self.requestor, self.accessPackage, self.assignmentPolicy) = (
        requestor, accessPackage, assignmentPolicy
      )
      (self.organization, self.assignment, self.justification) = (organization, assignment, justification)
      (self.answers, self.terms, self.startsAt, self.term) = (answers, terms, startsAt, term)
      (self.endReason, self.adoptsGuest) = (endReason, adoptsGuest)
    }
  }

  /// Takes a request in. One that needs no approval starts out granted, so it says `approved`, or `scheduled`, and not
  /// `submitted`.
  package static func submit(_ draft: Draft, needsApproval: Bool, at now: Date) -> (AccessRequest, [Event]) {
    var request = AccessRequest(
      id: draft.id, tenant: draft.tenant, version: 1, kind: draft.kind, update: draft.update,
      state: .pendingApproval,
      status: .pendingApproval, target: draft.target, requestor: draft.requestor,
      accessPackage: draft.accessPackage, assignmentPolicy: draft.assignmentPolicy,
      organization: draft.organization, assignment: draft.assignment ?? draft.id,
      justification: draft.justification, answers: draft.answers, terms: draft.terms,
      isFirstStageGiven: draft.isFirstStageGiven, endReason: draft.endReason, adoptsGuest: draft.adoptsGuest,
      startsAt: draft.startsAt.flatMap { $0 > now ? $0 : nil },
      term: draft.term, createdAt: now, completedAt: nil)
    if needsApproval { return (request, [.submitted]) }
    let events = request.grant(at: now)
    request.version = 1
    return (request, events)
  }

  /// As its access is held now: an update may have moved it to another policy.
  package func held(under policy: UUID?) -> AccessRequest {
    var request = self
    request.assignmentPolicy = policy ?? assignmentPolicy
    return request
  }

  /// Another policy's terms count for its access.
  package mutating func follow(_ change: AccessRequest) {
    guard change.terms != terms else { return }
    (terms, version) = (change.terms, version + 1)
  }

  /// Gives no access beyond an instant.
  package func capped(at end: Date) -> AccessRequest {
    var request = self
    if kind.purpose != .remove { request.term = term.capped(at: end) }
    return request
  }

  /// Its access goes on for the organization that its person belongs to by now: what that one's end ends.
  package mutating func match(_ organization: UUID?) {
    self.organization = organization
  }

  /// Its person's organization became known with this request.
  package mutating func introduce(_ organization: UUID) {
    self.organization = organization
  }

  /// As it is to be told to readers that lost what came after it: other answers have taken the place of its own.
  package func answered(_ present: [QuestionAnswer]) -> AccessRequest {
    var request = self
    request.answers = present
    return request
  }

  /// Approval has come to its end.
  ///
  /// - Parameter shortenedEnd: what an approver gives at most, if that is less than was asked for (decision 16).
  package mutating func approvalCompleted(
    _ outcome: ApprovalProcess.Outcome, shortenedEnd: Date? = nil, at now: Date
  ) -> [Event] {
    switch (state, outcome) {
    case (.pendingApproval, .approved):
      term = term.capped(at: shortenedEnd)
      return grant(at: now)
    case (.pendingApproval, .denied):
      return complete(.denied, .denied, at: now, telling: [.denied])
    case (.pendingApproval, .timedOut):
      return complete(.denied, .timedOut, at: now, telling: [.denied])
    case (.scheduled, _), (.delivering, _), (.partiallyDelivered, _), (.delivered, _), (.deliveryFailed, _),
      (.denied, _), (.canceled, _):
      return []
    }
  }

  /// The scheduled start has come. A due message for another start says nothing, and one that comes after the end is the
  /// end.
  package mutating func startDue(_ due: Due, at now: Date) -> [Event] {
    switch state {
    case .scheduled where due.at.isSameInstant(as: startsAt):
      hasEnded(by: now) ? complete(.denied, .endPassed, at: now, telling: [.denied]) : deliver(at: due.at)
    case .scheduled, .pendingApproval, .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied,
      .canceled:
      []
    }
  }

  /// The person, or an administrator, takes the request back before it is granted.
  package mutating func cancel(at now: Date) throws(Refusal) -> [Event] {
    switch state {
    case .pendingApproval, .scheduled:
      return complete(.canceled, .canceled, at: now, telling: [.canceled])
    case .canceled:
      return []
    case .denied:
      throw Refusal(
        .notCancelable, "A request that was denied waits for nothing.", hint: "nothing is left to do")
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed:
      throw Refusal(
        .notCancelable, "A request that is \(state.rawValue) can no longer be canceled.",
        hint: "Ask for the removal of assignment \(assignment.uuidString.lowercased()) instead.")
    }
  }

  /// Keeps ids alone.
  mutating func forget() {
    (target.email, target.displayName, justification, answers) = ("", "", "", [])
  }

  /// An administrator has it done again, whenever (decision 20): what failed or is not complete is tried again, what is
  /// delivered is asserted anew at its targets, and what is being taken away is asked for at once.
  ///
  /// - Throws: `notReprocessable` with what would be right.
  package mutating func reprocess() throws(Refusal) -> [Event] {
    switch (purpose, state) {
    case (.add, .deliveryFailed):
      completedAt = nil
      reprocessed.redeliveries += 1
      move(to: .delivering, .delivering)
    case (.add, .delivering), (.add, .partiallyDelivered), (.add, .delivered), (.remove, .delivering):
      reprocessed.assertions += 1
      version += 1
    case (.update, _), (.add, .pendingApproval), (.add, .scheduled), (.add, .denied), (.add, .canceled),
      (.remove, .pendingApproval), (.remove, .scheduled), (.remove, .partiallyDelivered),
      (.remove, .delivered), (.remove, .deliveryFailed), (.remove, .denied), (.remove, .canceled):
      throw notReprocessable
    }
    return [.approved]
  }

  private var notReprocessable: Refusal {
    let id = id.uuidString.lowercased()
    let right =
      switch (purpose, state) {
      case (.update, _): "reprocess request \(assignment.uuidString.lowercased()), whose access it changes"
      case (_, .pendingApproval): "decide it: Approvals/Decide \(id)"
      case (_, .scheduled): "wait for its start: \(startsAt?.formatted(.iso8601) ?? "")"
      case (_, .denied), (_, .canceled): "ask anew: Requests/Resubmit \(id)"
      case (_, .delivering), (_, .partiallyDelivered), (_, .delivered), (_, .deliveryFailed):
        "nothing: the access is gone"
      }
    return Refusal(
      .notReprocessable, "There is no delivery to be done again: it is \(kind.rawValue), \(state.rawValue).",
      field: "id", hint: right)
  }

  /// The person has accepted what the policy demands, after an administrator had assigned it.
  package mutating func termsAccepted() {
    guard terms == .pending else { return }
    (terms, version) = (.accepted, version + 1)
  }

  /// Its assignment has a newer state. Only what the newest one says counts, so that any order ends the same.
  package mutating func assignmentChanged(_ newest: Assignment.Summary, at now: Date) -> [Event] {
    guard state.isOpen || state == .deliveryFailed, state != .pendingApproval, state != .scheduled else {
      return []
    }
    switch purpose {
    case .add: return additionChanged(newest, at: now)
    case .update: return updateChanged(newest, at: now)
    case .remove: return newest.state == .expired ? finishDelivered(at: now) : []
    }
  }

  private mutating func additionChanged(_ newest: Assignment.Summary, at now: Date) -> [Event] {
    if newest.deliveredAt != nil { return finishDelivered(at: now) }
    switch newest.state {
    case .delivering, .removing, .delivered:
      return []
    case .partiallyDelivered:
      if state != .partiallyDelivered { move(to: .partiallyDelivered, .partiallyDelivered) }
      return []
    case .deliveryFailed:
      if state == .deliveryFailed { return [] }
      if newest.failure == .endPassed { return complete(.denied, .endPassed, at: now, telling: [.denied]) }
      return complete(.deliveryFailed, .deliveryFailed, at: now, telling: [.deliveryFailed])
    case .expired:
      if newest.failure == .endPassed { return complete(.denied, .endPassed, at: now, telling: [.denied]) }
      return complete(.canceled, .assignmentEnded, at: now, telling: [.canceled])
    }
  }

  private mutating func updateChanged(_ newest: Assignment.Summary, at now: Date) -> [Event] {
    if newest.answeredRequest == id { return finishDelivered(at: now) }
    switch newest.state {
    case .removing where newest.endReason == .timeUp && update == .schedule:
      // Once it is gone this one stands for itself.
      return []
    case .expired, .removing, .deliveryFailed:
      return complete(.canceled, .assignmentEnded, at: now, telling: [.canceled])
    case .delivering, .partiallyDelivered, .delivered:
      return []
    }
  }

  /// What comes of it: an extension that was not carried out when the time was up makes a new assignment.
  package var purpose: Kind.Purpose { isRenewal ? .add : kind.purpose }

  /// Whether it is an extension that makes an assignment of its own.
  package var isRenewal: Bool { kind.purpose == .update && assignment == id }

  /// Whether it goes on although the access that it was to extend is gone: only where the clock ended that (decision 10).
  package func outlasts(_ newest: Assignment.Summary) -> Bool {
    guard kind.purpose == .update, update == .schedule, !isRenewal, newest.answeredRequest != id else {
      return false
    }
    switch state {
    case .pendingApproval, .delivering: return newest.state == .expired && newest.endReason == .timeUp
    case .scheduled, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled: return false
    }
  }

  /// Stands for itself from now on: approved, it makes an assignment of its own id, which ends when the extension would
  /// have ended.
  ///
  /// - Parameter answers: what was answered for the access that is gone.
  package mutating func renew(answering answers: [QuestionAnswer], at now: Date) -> [Event] {
    switch state {
    case .pendingApproval:
      (assignment, self.answers, version) = (id, answers, version + 1)
      return []
    case .delivering:
      if hasEnded(by: now) { return complete(.denied, .endPassed, at: now, telling: [.denied]) }
      (assignment, self.answers, version) = (id, answers, version + 1)
      return [.approved]
    case .scheduled, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled:
      return []
    }
  }

  private mutating func grant(at now: Date) -> [Event] {
    // An approver may have set an end that comes before the start.
    if hasEnded(by: max(now, startsAt ?? now)) {
      return complete(.denied, .endPassed, at: now, telling: [.denied])
    }
    if let startsAt, startsAt > now {
      move(to: .scheduled, .pendingNotBefore)
      return [.scheduled]
    }
    return deliver(at: now)
  }

  private func hasEnded(by instant: Date) -> Bool {
    kind.purpose != .remove && term.latestEnd.map { $0 <= instant } ?? false
  }

  /// An extension's new end counts from the decision (decision 10), so it is fixed here.
  private mutating func deliver(at now: Date) -> [Event] {
    if kind.purpose == .update { term = Term(latestEnd: term.end(from: now)) }
    move(to: .delivering, .delivering)
    return [.approved]
  }

  private mutating func finishDelivered(at now: Date) -> [Event] {
    complete(.delivered, .delivered, at: now, telling: [.delivered])
  }

  private mutating func complete(_ next: State, _ word: Status, at now: Date, telling events: [Event])
    -> [Event]
  {
    move(to: next, word)
    completedAt = now
    return events
  }

  private mutating func move(to next: State, _ word: Status) {
    (version, state, status) = (version + 1, next, word)
  }
}
