import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf

@testable import Messaging
@testable import RequestIntake

extension IntakeFixture {
  func submission(
    by principal: Principal, _ change: (inout Submission) -> Void = { _ in }
  ) -> Submission {
    var submission = Submission(principal: principal, tenant: tenant, accessPackage: package)
    change(&submission)
    return submission
  }

  func submit(_ items: [Submission]) async throws -> [RequestAnswers.Answer] {
    try await commit { [store] work in try SubmitRequests(store: store)(items, work) }
  }

  func submit(
    by principal: Principal, _ change: (inout Submission) -> Void = { _ in }
  ) async throws -> Vestibule_Model_V1_Request {
    try await submit([submission(by: principal, change)])[0].get()
  }

  func request(_ id: String) async throws -> StoredRequest? {
    guard let id = UUID(text: id) else { return nil }
    return try await read { [tenant] connection in
      try RequestTable(connection: connection).find([id], tenants: [tenant])[id]
    }
  }

  /// Tells request-intake what has become of an assignment.
  func fold(_ assignments: [Vestibule_Model_V1_Assignment]) async throws {
    let events = assignments.compactMap { assignment in
      UUID(text: assignment.id).map { id in
        Received(
          id: UUID(), type: .assignmentDelivered, aggregate: id, tenant: tenant,
          version: EntitlementModel.Version(assignment.version),
          body: Vestibule_Events_V1_AssignmentEvent.with { $0.assignment = assignment })
      }
    }
    try await commit { [store] work in try FoldAssignments(store: store)(events, work) }
  }

  func assignment(
    of request: Vestibule_Model_V1_Request, _ state: Vestibule_Model_V1_Assignment.State, version: Int,
    days: Int? = 180, _ change: (inout Vestibule_Model_V1_Assignment) -> Void = { _ in }
  ) -> Vestibule_Model_V1_Assignment {
    .with {
      ($0.id, $0.tenant, $0.target) = (request.assignment, request.tenant, request.target)
      ($0.accessPackage, $0.organization, $0.state) = (request.accessPackage, request.organization, state)
      $0.version = Vestibule_Model_V1_Version(epoch: 1, number: version)
      if state == .delivered || state == .expired { $0.deliveredAt = .init(now) }
      if let days, state != .deliveryFailed { $0.endsAt = .init(now + .days(days)) }
      change(&$0)
    }
  }

  /// - Parameter isRevoked: tells that the approval was taken back, instead of its end.
  func decide(
    _ request: Vestibule_Model_V1_Request, _ state: Vestibule_Model_V1_Approval.State,
    shortenedTo end: Date? = nil, isRevoked: Bool = false
  ) async throws {
    let event = try approvalEvent(of: request, state, shortenedTo: end, revokedBy: isRevoked ? UUID() : nil)
    try await commit { [store] work in
      try isRevoked
        ? FoldRevocations(store: store)([event], work) : FoldApprovals(store: store)([event], work)
    }
  }

  func approvalEvent(
    of request: Vestibule_Model_V1_Request, _ state: Vestibule_Model_V1_Approval.State,
    shortenedTo end: Date? = nil, revokedBy approver: UUID? = nil, at instant: Date? = nil
  ) throws -> Received<Vestibule_Events_V1_ApprovalEvent> {
    let approval = Vestibule_Model_V1_Approval.with {
      ($0.id, $0.tenant, $0.target, $0.requestor) = (
        request.id, request.tenant, request.target, request.requestor
      )
      ($0.accessPackage, $0.assignmentPolicy) = (request.accessPackage, request.assignmentPolicy)
      ($0.state, $0.openedAt) = (state, .init(now))
      if let approver {
        $0.revocation = .with {
          ($0.revokedBy, $0.justification) = (approver.text, "The project is over")
          $0.revokedAt = .init(instant ?? now)
        }
      }
      $0.stages = [
        .with {
          ($0.durationBeforeAutomaticDenial, $0.approvalsRequired, $0.openedAt) = ("P14D", 1, .init(now))
          guard state == .approved || state == .denied else { return }
          $0.decisions = [
            .with {
              ($0.verdict, $0.decidedBy) = (state == .approved ? .approve : .deny, UUID().text)
              ($0.capacity, $0.decidedAt) = ("singleUser", .init(now))
              if let end { $0.endDateTime = .init(end) }
            }
          ]
        }
      ]
    }
    return Received(
      id: UUID(), type: approver == nil ? .approvalCompleted : .approvalRevoked,
      aggregate: try Field.id(request.id, at: "id"), tenant: tenant, version: Version(epoch: 1, number: 2),
      body: Vestibule_Events_V1_ApprovalEvent.with { $0.approval = approval })
  }

  /// Does what has fallen due by now.
  func fireDeadlines() async throws {
    try await transactor().commit(tenants: []) { [store] work in
      let table = DeadlineTable(connection: work.connection)
      let due = try table.claim(at: work.now, limit: 100)
      guard !due.isEmpty else { return }
      try work.enter(due.map(\.tenant))
      try table.advance(try FireIntakeDeadlines(store: store)(due, work))
    }
  }

  func extend(_ request: Vestibule_Model_V1_Request, by principal: Principal) async throws
    -> RequestAnswers.Answer
  {
    let item = Extension(ask: try ask(request, by: principal))
    return try await commit { [store] work in try ExtendAssignments(store: store)([item], work) }[0]
  }

  func remove(
    _ request: Vestibule_Model_V1_Request, by principal: Principal, key: String = ""
  ) async throws -> RequestAnswers.Answer {
    var asked = try ask(request, by: principal)
    asked.idempotencyKey = key
    let item = Removal(ask: asked)
    return try await commit { [store] work in try RemoveAssignments(store: store)([item], work) }[0]
  }

  func ask(_ request: Vestibule_Model_V1_Request, by principal: Principal) throws -> AssignmentAsk {
    AssignmentAsk(
      principal: principal, tenant: tenant, assignment: try Field.id(request.assignment, at: "assignment"))
  }
}

extension Submission {
  /// The instant that was chosen as the end.
  var endsAt: Date? {
    get { end?.instant(in: .gmt) }
    set { end = newValue.map { .at($0) } }
  }
}

extension Result where Failure == Refusal {
  /// The codes of the reasons; empty for a success.
  var refusalCodes: [Reason.Code] {
    switch self {
    case .success: []
    case .failure(let refusal): refusal.reasons.map(\.code)
    }
  }
}

/// The codes that `work` is refused with; empty when it is not.
func refusalCodes(of work: () async throws -> some Any) async throws -> [Reason.Code] {
  do {
    _ = try await work()
    return []
  } catch let refusal as Refusal {
    return refusal.reasons.map(\.code)
  }
}
