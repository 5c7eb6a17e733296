import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols
import SwiftProtobuf

/// `request.submitted`: opens the approval of each request that waits for one, and arms its clock.
struct OpenApprovals: Sendable {
  let cache: ConfigurationCache

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_RequestEvent>], _ work: Work) throws {
    let newest = Array(
      Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }.values)
    let policies = try Policies(
      offeredBy: events, ConfigurationCopies(connection: work.connection, cache: cache))
    let arrivals = try zip(newest, try work.requests(newest)).map { event, request in
      let (stages, policy) = try policies.stages(for: request, of: event.body)
      let (approval, told) = ApprovalProcess.open(request, stages: stages, policy: policy)
      return ApprovalTable.Arrival(approval: approval, told: told, request: event.version)
    }
    let table = ApprovalTable(connection: work.connection)
    let receptions = try table.receive(arrivals)
    try open(arrivals, as: receptions.filter(\.isStored), work)
    try answerAgain(receptions.filter { !$0.isStored }.map(\.id), of: Set(events.map(\.tenant)), table, work)
  }

  private func open(
    _ arrivals: [ApprovalTable.Arrival], as stored: [ApprovalTable.Reception], _ work: Work
  ) throws {
    let epochs = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0.epoch) })
    let opened = arrivals.compactMap { arrival in
      epochs[arrival.approval.id].map {
        (StoredApproval(approval: arrival.approval, epoch: $0), arrival.told)
      }
    }
    // A sponsor's own submission has decided already.
    try ApprovalTable(connection: work.connection)
      .update(opened.map(\.0.approval).filter { !$0.decisions.isEmpty })
    try DeadlineTable(connection: work.connection).arm(opened.map(\.0.deadline))
    for (stored, told) in opened { try work.tell(told, about: stored, by: .system) }
    try work.lookForApprovers(in: Set(opened.map(\.0.approval.tenant)))
  }

  /// A request that waits again has forgotten its answer: request-intake was restored from a backup.
  private func answerAgain(
    _ ids: [UUID], of tenants: Set<UUID>, _ table: ApprovalTable, _ work: Work
  ) throws {
    guard !ids.isEmpty else { return }
    for stored in try table.find(ids, tenants: tenants).values where stored.approval.outcome != nil {
      try work.tellAgain(.completed, about: stored)
    }
  }
}

/// The policies of a batch of requests, as they are now.
private struct Policies {
  private let objects: [UUID: Vestibule_Model_V1_ConfigurationObject]

  init(offeredBy events: [Received<Vestibule_Events_V1_RequestEvent>], _ copies: ConfigurationCopies) throws {
    let ids = events.compactMap { UUID(text: $0.body.request.assignmentPolicy) }
    objects = try copies.load(Set(ids), offering: events.flatMap(\.body.snapshots))
  }

  /// The stages of the request's policy; of its snapshot, if the policy has none any more.
  func stages(
    for request: AccessRequest, of event: Vestibule_Events_V1_RequestEvent
  ) throws -> ([AssignmentPolicy.Stage], policy: UUID) {
    guard let id = request.assignmentPolicy else { throw Self.missing(request) }
    if let current = try objects[id].map({ try AssignmentPolicy($0).approval.stages }), !current.isEmpty {
      return (current, id)
    }
    guard let snapshot = event.snapshots.first(where: { UUID(text: $0.id) == id }) else {
      throw Self.missing(request)
    }
    let object = try Vestibule_Model_V1_ConfigurationObject(serializedBytes: snapshot.object)
    let stages = try AssignmentPolicy(object).approval.stages
    guard !stages.isEmpty else { throw Self.missing(request) }
    return (stages, id)
  }

  private static func missing(_ request: AccessRequest) -> Refusal {
    Refusal(
      .unknownReference, "A request that waits for approval names no policy with a stage.",
      field: "assignment_policy", hint: request.id.text)
  }
}
