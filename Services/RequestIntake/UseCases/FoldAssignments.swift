import Contracts
import EntitlementModel
import Foundation
import Messaging
import Protocols

/// Follows the assignments that requests made or change: the newest state of each counts, whatever came in
/// between.
struct FoldAssignments: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ events: [Received<Vestibule_Events_V1_AssignmentEvent>], _ work: Work) throws {
    let newest = Dictionary(events.map { ($0.aggregate, $0) }) { $0.version < $1.version ? $1 : $0 }
    let tenants = Set(events.map(\.tenant))
    let table = RequestTable(connection: work.connection)
    // Whoever has these locked sees in a second look what has been asked of their assignments before.
    _ = try table.lock(newest.keys, tenants: tenants)
    var locked = try table.lock(assignments: newest.keys, tenants: tenants)
    let changes = Dictionary(
      grouping: locked.values.filter { $0.request.openChange != nil }, by: \.request.assignment)
    var (changed, facts): (Set<UUID>, [(UUID, [AccessRequest.Event])]) = ([], [])
    var late: [LateExtensions.Late] = []
    for (id, event) in newest {
      guard var origin = locked[id], origin.assignment.map({ $0.version < event.version }) ?? true else {
        continue
      }
      let summary = try event.body.assignment.summary()
      origin.assignment = try AssignmentMemory(event, summary)
      origin.request.match(
        try Field.optionalID(event.body.assignment.organization, at: "assignment.organization"))
      facts.append((id, origin.request.assignmentChanged(summary, at: work.now)))
      locked[id] = origin
      changed.insert(id)
      // Whoever has asked for its end meanwhile has it.
      let isAskedToEnd = changes[id]?.contains { $0.request.openChange == "remove" } ?? false
      for var change in changes[id] ?? [] {
        if !isAskedToEnd, change.request.outlasts(summary) {
          late.append(.init(request: change, answers: origin.answers.answers, summary: summary))
          continue
        }
        let before = change.request.version
        facts.append((change.request.id, change.request.assignmentChanged(summary, at: work.now)))
        guard change.request.version != before else { continue }
        if change.request.state == .delivered { locked[id]?.follow(change.request) }
        locked[change.request.id] = change
        changed.insert(change.request.id)
      }
    }
    try table.update(changed.compactMap { locked[$0] })
    for (stored, told) in try LateExtensions(table: table)(late, at: work.now) {
      locked[stored.request.id] = stored
      facts.append((stored.request.id, told))
    }
    try tell(facts, of: locked, tenants, work)
  }

  private func tell(
    _ facts: [(id: UUID, events: [AccessRequest.Event])], of requests: [UUID: StoredRequest],
    _ tenants: Set<UUID>,
    _ work: Work
  ) throws {
    guard !facts.isEmpty else { return }
    let told = RequestEvents(configuration: try store.load(tenants, on: work.connection), work: work)
    for (id, events) in facts {
      guard let stored = requests[id] else { continue }
      try told.tell(events, of: stored.request, by: .system)
    }
  }
}

extension AssignmentMemory {
  fileprivate init(
    _ event: Received<Vestibule_Events_V1_AssignmentEvent>, _ summary: Assignment.Summary
  ) throws(ContractError) {
    let message = event.body.assignment
    self.init(
      version: event.version, state: summary.state, deliveredAt: summary.deliveredAt,
      endsAt: try Field.optionalInstant(message.hasEndsAt ? message.endsAt : nil, at: "ends_at"),
      endedAt: try Field.optionalInstant(message.hasEndedAt ? message.endedAt : nil, at: "ended_at"),
      policy: try Field.optionalID(message.assignmentPolicy, at: "assignment_policy"))
  }
}
