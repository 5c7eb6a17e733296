package import Foundation

/// One person's hold on one package; bears the id of the request that made it. Owned by provisioning.
package struct Assignment: Sendable, Hashable, Identifiable {
  package let id: UUID
  package let tenant: UUID
  package private(set) var version: Int
  package private(set) var state: State
  package private(set) var target: Target
  package let accessPackage: UUID
  package private(set) var assignmentPolicy: UUID?
  /// The one that its person belonged to when it was last asked for (decision 3).
  package private(set) var organization: UUID?
  package private(set) var term: Term
  package let startsAt: Date?
  package private(set) var deliveredAt: Date?
  package private(set) var endsAt: Date?
  package private(set) var endReason: EndReason?
  package private(set) var endedAt: Date?
  package private(set) var failure: Failure?
  /// The last request of kind update that was answered.
  package private(set) var answeredRequest: UUID?
  /// How far it has followed its request.
  package private(set) var reprocessed: AccessRequest.Reprocessed
  /// What is answered for attributes of accounts, and when that was.
  package private(set) var attributeAnswers: [QuestionAnswer]
  package private(set) var answeredAt: Date
  /// Why what is answered is not on the account (yet); access does not fail for it.
  package private(set) var attributeFailure: Failure?

  /// Graph's `accessPackageAssignmentState`, and `removing`: outwardly delivered until every revocation is confirmed.
  package enum State: String, Sendable, CaseIterable {
    case delivering, partiallyDelivered, delivered, deliveryFailed, removing, expired

    /// Whether it still claims its roles.
    package var isLive: Bool {
      switch self {
      case .delivering, .partiallyDelivered, .delivered: true
      case .deliveryFailed, .removing, .expired: false
      }
    }
  }

  package enum EndReason: String, Sendable, CaseIterable {
    case timeUp, removedByPerson, removedByAdministrator, deliveryLapsed, personLeft
    case revokedByApprover, organizationEnded, heldTwice
  }

  /// Why delivery has not succeeded: stops at once, or is still tried.
  package enum Failure: String, Sendable, CaseIterable {
    case domainDenied, endPassed, resourceMissing, connectorRefused, connectorUnavailable, approvalLapsed
    case subjectBarred
  }

  /// A fact about an assignment; the event type is `assignment.` and this.
  package enum Event: String, Sendable, CaseIterable {
    case delivered, extended, shortened, expired, removed
    case answersChanged = "answers-changed"
    case partiallyDelivered = "partially-delivered"
    case deliveryFailed = "delivery-failed"
  }

  /// What a request needs to know of it.
  package struct Summary: Sendable, Hashable {
    package let state: State
    package let deliveredAt: Date?
    package let answeredRequest: UUID?
    package let failure: Failure?
    package let endReason: EndReason?

    package init(
      state: State, deliveredAt: Date?, answeredRequest: UUID?, failure: Failure?, endReason: EndReason? = nil
    ) {
      (self.state, self.deliveredAt) = (state, deliveredAt)
      (self.answeredRequest, self.failure, self.endReason) = (answeredRequest, failure, endReason)
    }
  }

  package var summary: Summary {
    Summary(
      state: state, deliveredAt: deliveredAt, answeredRequest: answeredRequest, failure: failure,
      endReason: endReason)
  }

  package init(
    id: UUID, tenant: UUID, version: Int, state: State, target: Target, accessPackage: UUID,
    assignmentPolicy: UUID?, organization: UUID?, term: Term, startsAt: Date?, deliveredAt: Date?,
    endsAt: Date?,
    endReason: EndReason?, endedAt: Date?, failure: Failure?, answeredRequest: UUID?,
    reprocessed: AccessRequest.Reprocessed = .never,
    attributeAnswers: [QuestionAnswer] = [], answeredAt: Date = .distantPast, attributeFailure: Failure? = nil
  ) {
    (self.id, self.tenant, self.version, self.state) = (id, tenant, version, state)
    (self.target, self.accessPackage, self.assignmentPolicy) = (target, accessPackage, assignmentPolicy)
    (self.organization, self.term, self.startsAt) = (organization, term, startsAt)
    (self.deliveredAt, self.endsAt) = (deliveredAt, endsAt)
    (self.endReason, self.endedAt) = (endReason, endedAt)
    (self.failure, self.answeredRequest, self.reprocessed) = (failure, answeredRequest, reprocessed)
    (self.attributeAnswers, self.answeredAt) = (attributeAnswers, answeredAt)
    self.attributeFailure = attributeFailure
  }
}

extension Assignment {
  /// Begins what an approved request asks for.
  package static func begin(_ request: AccessRequest) -> Assignment {
    Assignment(
      id: request.id, tenant: request.tenant, version: 1, state: .delivering, target: request.target,
      accessPackage: request.accessPackage, assignmentPolicy: request.assignmentPolicy,
      organization: request.organization, term: request.term, startsAt: request.startsAt, deliveredAt: nil,
      endsAt: nil, endReason: nil, endedAt: nil, failure: nil, answeredRequest: nil,
      reprocessed: request.reprocessed,
      attributeAnswers: request.answers.filter(\.isForAttribute), answeredAt: request.createdAt)
  }

  /// The value that is answered for an attribute; nil for none.
  package func value(of attribute: ResourceAttribute) -> String? {
    attributeAnswers.first { $0.question == attribute.id }?.values.first { !$0.allSatisfy(\.isWhitespace) }
  }

  /// What has become of its roles since. The clock starts when the first role is granted, or at the scheduled
  /// start if that is later (decision 11).
  package mutating func entitlementsChanged(_ progress: Progress, at now: Date) -> [Event] {
    switch state {
    case .delivering, .partiallyDelivered:
      return deliveryProgressed(progress, at: now)
    case .removing where progress.held == 0:
      let reason = endReason ?? .removedByAdministrator
      endedAt = now
      return move(to: .expired, telling: reason == .timeUp ? .expired : .removed)
    case .delivered where progress.attributeFailure != attributeFailure:
      attributeFailure = progress.attributeFailure
      return move(to: .delivered, telling: .answersChanged)
    case .removing, .delivered, .deliveryFailed, .expired:
      return []
    }
  }

  /// How many of its roles are wanted, granted, and (when it goes) still held through it; whether an attribute of an
  /// account has still to be written for it, and why that does not succeed.
  package struct Progress: Sendable, Hashable {
    package let wanted: Int
    package let granted: Int
    package let held: Int
    package let hasUnwrittenAttributes: Bool
    package let attributeFailure: Failure?

    package init(
      wanted: Int, granted: Int, held: Int, hasUnwrittenAttributes: Bool = false,
      attributeFailure: Failure? = nil
    ) {
      (self.wanted, self.granted, self.held) = (wanted, granted, held)
      (self.hasUnwrittenAttributes, self.attributeFailure) = (hasUnwrittenAttributes, attributeFailure)
    }
  }

  private mutating func deliveryProgressed(_ progress: Progress, at now: Date) -> [Event] {
    let hasAllRoles = progress.granted >= progress.wanted
    if progress.granted > 0 || hasAllRoles, endsAt == nil {
      endsAt = term.end(from: max(now, startsAt ?? now))
    }
    if hasAllRoles, !progress.hasUnwrittenAttributes {
      (deliveredAt, failure, attributeFailure) = (now, nil, nil)
      return move(to: .delivered, telling: .delivered)
    }
    let failsOtherwise = progress.attributeFailure != attributeFailure
    attributeFailure = progress.attributeFailure
    // What waits for its attributes alone is told to be there in part when they can not be written.
    let isPartial = hasAllRoles ? attributeFailure != nil : progress.granted > 0
    if isPartial, state == .delivering || failsOtherwise {
      return move(to: .partiallyDelivered, telling: .partiallyDelivered)
    }
    return []
  }

  /// Delivery can not succeed: what was granted is released by the caller.
  package mutating func fail(_ reason: Failure) -> [Event] {
    switch state {
    case .delivering, .partiallyDelivered:
      failure = reason
      return move(to: .deliveryFailed, telling: .deliveryFailed)
    case .delivered, .deliveryFailed, .removing, .expired:
      return []
    }
  }

  /// What a reprocessed request has done with it.
  package enum Reprocessing: Sendable, Hashable {
    /// Its roles are claimed anew, and the clock starts with the first of them.
    case deliver
    /// The roles that it claims are asserted anew.
    case assert
    case nothing
  }

  /// Its request was reprocessed, whenever (decision 20). What is known says nothing, and a chosen end that has passed
  /// does not come back.
  package mutating func follow(_ newest: AccessRequest.Reprocessed) -> Reprocessing {
    let isBegunAnew = newest.redeliveries > reprocessed.redeliveries
    let isAsserted = newest.assertions > reprocessed.assertions
    reprocessed = AccessRequest.Reprocessed(
      redeliveries: max(newest.redeliveries, reprocessed.redeliveries),
      assertions: max(newest.assertions, reprocessed.assertions))
    switch state {
    case .deliveryFailed where isBegunAnew && failure != .endPassed:
      (state, failure, endsAt, version) = (.delivering, nil, nil, version + 1)
      return .deliver
    case .delivering, .partiallyDelivered, .delivered:
      return isBegunAnew || isAsserted ? .assert : .nothing
    case .deliveryFailed, .removing, .expired:
      return .nothing
    }
  }

  /// The contract of its organization ends: it lasts no longer (decision 4). What ends sooner stays as it is, and where the
  /// clock has not started, the cap counts when it does.
  package mutating func cap(at end: Date) -> [Event] {
    switch state {
    case .delivered, .partiallyDelivered, .delivering:
      if let endsAt, endsAt <= end { return [] }
      term = term.capped(at: end)
      if endsAt == nil, state != .delivered { return [] }
      endsAt = end
      return move(to: state, telling: .shortened)
    case .deliveryFailed, .removing, .expired:
      return []
    }
  }

  /// Gives more time, never less (decision 10). What is over stays over, and what was asked for under a policy that it
  /// is no longer under says nothing.
  package mutating func extend(_ request: AccessRequest) -> [Event] {
    switch state {
    case .delivered, .partiallyDelivered, .delivering:
      if answeredRequest == request.id || request.assignmentPolicy != assignmentPolicy { return [] }
      (answeredRequest, organization) = (request.id, request.organization)
      if let end = endsAt { endsAt = request.term.latestEnd.map { max($0, end) } }
      return move(to: state, telling: .extended)
    case .deliveryFailed, .removing, .expired:
      return []
    }
  }

  /// Goes on under another policy with the answers that it asks for, until the end that it gives. What is over stays
  /// over, and what newer answers have followed says nothing.
  package mutating func changePolicy(_ request: AccessRequest) -> [Event] {
    switch state {
    case .delivered, .partiallyDelivered, .delivering:
      if answeredRequest == request.id || isAnswered(after: request) { return [] }
      (answeredRequest, organization) = (request.id, request.organization)
      (assignmentPolicy, term) = (request.assignmentPolicy, request.term)
      (attributeAnswers, answeredAt) = (request.answers.filter(\.isForAttribute), request.createdAt)
      // Where nothing is granted yet, the end is set with the first role.
      if state != .delivering || endsAt != nil { endsAt = request.term.latestEnd }
      return move(to: state, telling: .extended)
    case .deliveryFailed, .removing, .expired:
      return []
    }
  }

  private func isAnswered(after request: AccessRequest) -> Bool {
    request.createdAt.microseconds < answeredAt.microseconds
  }

  /// Takes other answers. What is over stays over, and so do answers that newer ones have followed.
  package mutating func edit(_ request: AccessRequest) -> [Event] {
    switch state {
    case .delivered, .partiallyDelivered, .delivering:
      if answeredRequest == request.id || isAnswered(after: request) { return [] }
      answeredRequest = request.id
      (attributeAnswers, answeredAt) = (request.answers.filter(\.isForAttribute), request.createdAt)
      return move(to: state, telling: .answersChanged)
    case .deliveryFailed, .removing, .expired:
      return []
    }
  }

  /// Ends access whose time is up. A due message for an end that has moved since says nothing.
  package mutating func expire(_ due: Due) -> Bool {
    switch state {
    case .delivered where due.at.isSameInstant(as: endsAt),
      .partiallyDelivered where due.at.isSameInstant(as: endsAt):
      release(because: .timeUp)
      return true
    case .delivered, .partiallyDelivered, .delivering, .deliveryFailed, .removing, .expired:
      return false
    }
  }

  /// Starts taking the access away; said again by `entitlementsChanged` when nothing is held any more.
  package mutating func remove(because reason: EndReason) -> Bool {
    switch state {
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed:
      release(because: reason)
      return true
    case .removing, .expired:
      return false
    }
  }

  /// Follows a changed address or name.
  package mutating func rename(_ newest: Target) {
    target = newest
  }

  private mutating func release(because reason: EndReason) {
    (state, endReason, version) = (.removing, reason, version + 1)
  }

  private mutating func move(to next: State, telling event: Event) -> [Event] {
    (version, state) = (version + 1, next)
    return [event]
  }
}
