import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Goes on with the requests whose approval has come to its end.
struct FoldApprovals: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ApprovalEvent>], _ work: Work) throws {
    let outcomes = try events.compactMap { event in
      let approval = try ApprovalProcess(event.body.approval)
      return approval.outcome.map { (event.aggregate, $0, approval.shortenedEnd) }
    }
    guard !outcomes.isEmpty else { return }
    let tenants = Set(events.map(\.tenant))
    let configuration = try store.load(tenants, on: work.connection)
    let table = RequestTable(connection: work.connection)
    var locked = try table.lockWithOrigins(outcomes.map(\.0), tenants: tenants)
    let told = RequestEvents(configuration: configuration, work: work)
    var changed: Set<UUID> = []
    for (id, outcome, shortenedEnd) in outcomes {
      guard var stored = locked[id] else { continue }
      let before = stored.request.version
      var facts = stored.request.approvalCompleted(outcome, shortenedEnd: shortenedEnd, at: work.now)
      if let memory = locked[stored.request.assignment]?.assignment, memory.state == .expired {
        facts += stored.request.assignmentChanged(memory.summary, at: work.now)
      }
      guard stored.request.version != before else { continue }
      try told.tell(facts, of: stored.request, by: .system)
      locked[id] = stored
      changed.insert(id)
    }
    try save(changed.compactMap { locked[$0] }, table, configuration, work)
  }

  private func save(
    _ changed: [StoredRequest], _ table: RequestTable, _ configuration: LoadedConfiguration, _ work: Work
  ) throws {
    try table.update(changed)
    try DeadlineTable(connection: work.connection).arm(
      changed.map(\.request).filter { $0.state == .scheduled }
        .map { ScheduledStart.deadline(of: $0, epoch: configuration.epoch) })
  }
}

extension AssignmentMemory {
  /// What is remembered, as a request takes it.
  var summary: Assignment.Summary {
    Assignment.Summary(state: state, deliveredAt: deliveredAt, answeredRequest: nil, failure: nil)
  }
}
