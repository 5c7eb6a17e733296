package import Foundation

/// The approval of one request; bears the request's id. Owned by approval.
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
  package let openedAt: Date
  package let expiresAt: Date

  package enum State: Sendable, Hashable {
    case pending
    case approved(Decision)
    case denied(Decision)
    case timedOut
    case canceled
  }

  package enum Verdict: String, Sendable { case approve, deny }

  /// Why somebody may decide; the decision records it (decision 14).
  package enum Capacity: String, Sendable, CaseIterable {
    case singleUser, internalSponsor, externalSponsor, fallback
  }

  package struct Decision: Sendable, Hashable {
    package let verdict: Verdict
    package let by: UUID
    package let capacity: Capacity
    package let justification: String
    package let at: Date

    package init(verdict: Verdict, by: UUID, capacity: Capacity, justification: String, at: Date) {
      (self.verdict, self.by, self.capacity) = (verdict, by, capacity)
      (self.justification, self.at) = (justification, at)
    }
  }

  /// How it ended, for the request.
  package enum Outcome: String, Sendable, CaseIterable { case approved, denied, timedOut }

  /// A fact about an approval; the event type is `approval.` and this.
  package enum Event: String, Sendable, CaseIterable {
    case stageOpened = "stage-opened"
    case completed
  }

  package init(
    id: UUID, tenant: UUID, version: Int, state: State, target: Target, requestor: UUID, accessPackage: UUID,
    assignmentPolicy: UUID, organization: UUID?, justification: String, openedAt: Date, expiresAt: Date
  ) {
    (self.id, self.tenant, self.version, self.state) = (id, tenant, version, state)
    (self.target, self.requestor, self.accessPackage) = (target, requestor, accessPackage)
    (self.assignmentPolicy, self.organization) = (assignmentPolicy, organization)
    (self.justification, self.openedAt, self.expiresAt) = (justification, openedAt, expiresAt)
  }
}

extension ApprovalProcess {
  /// Opens the stage of a request that waits. The clock is the request's own, so that a late delivery of the
  /// event does not move the deadline.
  package static func open(_ request: AccessRequest, stage: AssignmentPolicy.Stage, policy: UUID) -> (
    Self, [Event]
  ) {
    let approval = ApprovalProcess(
      id: request.id, tenant: request.tenant, version: 1, state: .pending, target: request.target,
      requestor: request.requestor, accessPackage: request.accessPackage, assignmentPolicy: policy,
      organization: request.organization, justification: request.justification, openedAt: request.createdAt,
      expiresAt: request.createdAt + stage.timeout)
    return (approval, [.stageOpened])
  }

  /// The one who was quickest decides; everybody after is told so.
  package mutating func decide(_ decision: Decision) throws(Refusal) -> [Event] {
    switch state {
    case .pending:
      state = decision.verdict == .approve ? .approved(decision) : .denied(decision)
      version += 1
      return [.completed]
    case .approved, .denied, .timedOut, .canceled:
      throw Refusal(
        .alreadyDecided, "This request waits for no decision any more: it is \(word).", hint: word)
    }
  }

  /// Nobody decided in time. A due message for another deadline says nothing.
  package mutating func timeOut(_ due: Due) -> [Event] {
    switch state {
    case .pending where due.at.isSameInstant(as: expiresAt):
      (state, version) = (.timedOut, version + 1)
      return [.completed]
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

  package var outcome: Outcome? {
    switch state {
    case .pending, .canceled: nil
    case .approved: .approved
    case .denied: .denied
    case .timedOut: .timedOut
    }
  }

  package var decision: Decision? {
    switch state {
    case .approved(let decision), .denied(let decision): decision
    case .pending, .timedOut, .canceled: nil
    }
  }

  /// The state's name, as stored and shown.
  package var word: String {
    switch state {
    case .pending: "pending"
    case .approved: "approved"
    case .denied: "denied"
    case .timedOut: "timedOut"
    case .canceled: "canceled"
    }
  }
}

/// Who may decide (decisions 14 and 15): looked up when it matters, never written down beforehand.
package enum ApproverResolution {
  /// In which capacity `caller` may decide, by the stage and the organization as they are now; nil for none.
  /// Fallback approvers count only when no primary approver can be found.
  package static func capacity(
    of caller: UUID, stage: AssignmentPolicy.Stage, organization: ConnectedOrganization?,
    callersOrganization: UUID?
  ) -> ApprovalProcess.Capacity? {
    for approver in stage.approvers {
      switch approver {
      case .singleUser(let user) where user == caller: return .singleUser
      case .internalSponsors where organization?.internalSponsors.contains(caller) == true:
        return .internalSponsor
      case .externalSponsors
      where organization?.externalSponsors.contains(caller) == true && callersOrganization == organization?.id:
        return .externalSponsor
      case .singleUser, .internalSponsors, .externalSponsors: continue
      }
    }
    guard primaries(of: stage, organization: organization).isEmpty else { return nil }
    return stage.fallbackApprovers.contains(.singleUser(caller)) ? .fallback : nil
  }

  /// The primary approvers that can be found now.
  package static func primaries(
    of stage: AssignmentPolicy.Stage, organization: ConnectedOrganization?
  ) -> Set<UUID> {
    stage.approvers.reduce(into: []) { found, approver in
      switch approver {
      case .singleUser(let user): found.insert(user)
      case .internalSponsors: found.formUnion(organization?.internalSponsors ?? [])
      case .externalSponsors: found.formUnion(organization?.externalSponsors ?? [])
      }
    }
  }
}
