import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// The removals and cancellations of one transaction, over locked requests.
struct RemovalBatch {
  private(set) var locked: [UUID: StoredRequest]
  private(set) var made: [AccessRequest] = []
  private var changed: Set<UUID> = []
  private let events: RequestEvents

  init(locked: [UUID: StoredRequest], events: RequestEvents) {
    (self.locked, self.events) = (locked, events)
  }

  /// The request that answers: the new removal, the one that is already on its way, or the canceled request
  /// of access that had not begun.
  mutating func remove(
    _ ask: AssignmentAsk, id: UUID, _ presence: Presence? = nil, _ colleagues: Colleagues = .none,
    _ admission: Admission = .judged
  ) throws -> Vestibule_Model_V1_Request {
    guard let origin = locked[ask.assignment], origin.request.purpose == .add else {
      throw Refusal.notFound
    }
    let access =
      switch admission {
      case .judged:
        try AssignmentAccess(
          ask.principal, to: origin.held, for: .remove, events.configuration, colleagues)
      case .confirmed: AssignmentAccess.administrator
      }
    if access == .onBehalf { try presence?.require(ask.principal) }
    if access == .own, !maySelfRemove(origin.held) {
      throw Refusal(.selfRemoveNotAllowed, "The policy does not let people give this access up.")
    }
    if case .administrator = access {
      for change in openChanges(of: origin.request.id) where change.openChange == "update" {
        try cancel(change.id, by: ask.principal.initiator)
      }
    }
    if origin.request.isWaiting {
      try cancel(origin.request.id, by: ask.principal.initiator)
      return Vestibule_Model_V1_Request(
        locked[ask.assignment]?.request ?? origin.request, epoch: events.configuration.epoch)
    }
    if let open = removal(of: origin.request.id) {
      return Vestibule_Model_V1_Request(open, shownTo: ask.principal, events.configuration)
    }
    return try end(
      origin, id: id, kind: access == .administrator ? .adminRemove : .userRemove,
      requestor: ask.principal.subject ?? origin.request.target.subject, justification: ask.justification,
      by: ask.principal.initiator)
  }

  /// Ends one assignment, unless that is already on its way.
  ///
  /// - Parameter reason: why, where the kind does not say so.
  @discardableResult
  mutating func end(
    _ origin: StoredRequest, id: UUID, kind: AccessRequest.Kind, requestor: UUID, justification: String,
    because reason: Assignment.EndReason? = nil, by initiator: Initiator
  ) throws -> Vestibule_Model_V1_Request {
    let request = origin.request
    if let open = removal(of: request.id) {
      return Vestibule_Model_V1_Request(open, epoch: events.configuration.epoch)
    }
    guard origin.isRemovable else {
      throw Refusal(.assignmentNotLive, "There is no access left that could be removed.")
    }
    let (removal, told) = AccessRequest.submit(
      AccessRequest.Draft(
        id: id, tenant: request.tenant, kind: kind, target: request.target, requestor: requestor,
        accessPackage: request.accessPackage, assignmentPolicy: request.assignmentPolicy,
        organization: request.organization, assignment: request.id, justification: justification,
        endReason: reason,
        term: Term()),
      needsApproval: false, at: events.work.now)
    made.append(removal)
    return try events.tell(told, of: removal, by: initiator)
  }

  /// Takes a request back that has not been granted.
  mutating func cancel(_ id: UUID, by initiator: Initiator) throws {
    guard var stored = locked[id] else { return }
    let before = stored.request.version
    let told = stored.request.isWaiting ? try stored.request.cancel(at: events.work.now) : []
    guard stored.request.version != before else { return }
    try events.tell(told, of: stored.request, by: initiator)
    locked[id] = stored
    changed.insert(id)
  }

  /// The request, if taking its approval back would end it or the access that it gave.
  func wouldEnd(_ id: UUID) -> AccessRequest? {
    guard let request = locked[id]?.request else { return nil }
    let hasAccess = locked[request.assignment]?.isRemovable ?? false
    return request.isWaiting || (hasAccess && removal(of: request.assignment) == nil) ? request : nil
  }

  /// Writes everything; what is waiting for its start waits no longer.
  func save() throws {
    let table = RequestTable(connection: events.work.connection)
    let canceled = changed.compactMap { locked[$0] }
    try table.update(canceled)
    if !made.isEmpty { _ = try table.insert(made) }
    try DeadlineTable(connection: events.work.connection).arm(
      canceled.filter { $0.request.startsAt != nil }
        .map { ScheduledStart.deadline(of: $0.request, epoch: events.configuration.epoch) })
  }

  private func openChanges(of assignment: UUID) -> [AccessRequest] {
    locked.values.map(\.request).filter { $0.assignment == assignment && $0.openChange != nil }
  }

  private func removal(of assignment: UUID) -> AccessRequest? {
    (openChanges(of: assignment) + made).first { $0.assignment == assignment && $0.openChange == "remove" }
  }

  private func maySelfRemove(_ request: AccessRequest) -> Bool {
    let policies = events.configuration.tenants[request.tenant]?.policies
    return request.assignmentPolicy.flatMap { policies?[$0] }?.maySelfRemove ?? true
  }
}

extension AccessRequest {
  /// Whether it has not been granted yet, or has still to begin.
  var isWaiting: Bool {
    switch state {
    case .pendingApproval, .scheduled: true
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed, .denied, .canceled: false
    }
  }
}

extension StoredRequest {
  /// Whether it made access that has not ended.
  var isRemovable: Bool {
    guard request.purpose == .add, !request.isWaiting else { return false }
    return switch assignment?.state {
    case .removing, .expired: false
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed: true
    case nil: request.state.isOpen
    }
  }
}
