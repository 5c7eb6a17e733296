import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Has deliveries done again, by an assignment manager's word. One that had failed stands again from now on: so it is
/// judged anew, and refused beside a newer request.
struct ReprocessRequests: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ ids: [UUID], tenant: UUID, principal: Principal, _ work: Work
  ) throws -> [RequestAnswers.Answer] {
    try OrganizationEndTable(connection: work.connection).share([tenant])
    let configuration = try store.load([tenant], on: work.connection)
    let table = RequestTable(connection: work.connection)
    let judgement = try RevivalJudgement(ids, tenant: tenant, configuration, table, at: work.now)
    // Whoever has these locked sees in a second look what has been asked of their assignments before.
    _ = try table.lock(ids, tenants: [tenant])
    var locked = try table.lock(assignments: ids, tenants: [tenant])
    let ending = Set(locked.values.filter { $0.request.openChange == "remove" }.map(\.request.assignment))
    let events = RequestEvents(configuration: configuration, work: work)
    var answers = RequestAnswers(count: ids.count)
    var places: Set<Place> = []
    var changed: Set<UUID> = []
    for (index, id) in ids.enumerated() where !changed.contains(id) {
      do throws(Refusal) {
        guard var stored = locked[id] else { throw .notFound }
        try AssignmentAccess.requireManager(principal, of: stored.request, configuration)
        try requireAccess(stored, isEnding: ending.contains(id))
        if stored.request.state == .deliveryFailed {
          try judgement.judge(stored.request, beside: places)
          places.formUnion(judgement.taken(by: stored.request))
        }
        _ = try stored.request.reprocess()
        locked[id] = stored
        changed.insert(id)
      } catch {
        answers.refuse(index, error)
      }
    }
    try table.revive(changed.compactMap { locked[$0] })
    let told = try Dictionary(
      uniqueKeysWithValues: changed.compactMap { locked[$0]?.request }.map {
        ($0.id, try events.tell([.approved], of: $0, by: principal.initiator))
      })
    for (index, id) in ids.enumerated() { if let message = told[id] { answers[index] = .success(message) } }
    return answers.all
  }

  private func requireAccess(_ stored: StoredRequest, isEnding: Bool) throws(Refusal) {
    let isGone =
      switch stored.assignment?.state {
      case .removing, .expired: true
      case .delivering, .partiallyDelivered, .delivered, .deliveryFailed, nil: false
      }
    guard stored.request.purpose == .add, stored.request.state.isDelivered, isGone || isEnding else {
      return
    }
    throw Refusal(
      .notReprocessable, "The access of this request has ended, or is being taken away.", field: "id",
      hint: "ask for it anew")
  }
}

extension AccessRequest.State {
  /// Whether there is, or was, something of it at the targets.
  fileprivate var isDelivered: Bool {
    switch self {
    case .delivering, .partiallyDelivered, .delivered, .deliveryFailed: true
    case .pendingApproval, .scheduled, .denied, .canceled: false
    }
  }
}
