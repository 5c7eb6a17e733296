import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging

/// Ends access before its time. An administrator's removal also cancels what is open (decision 7).
struct RemoveAssignments: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ items: [Removal], _ work: Work, _ admission: Admission = .judged
  ) throws -> [RequestAnswers.Answer] {
    let tenants = Set(items.map(\.tenant))
    let configuration = try store.load(tenants, on: work.connection)
    var answers = RequestAnswers(count: items.count)
    let keys = try IdempotentAnswers(items, &answers, configuration, work)
    let table = RequestTable(connection: work.connection)
    let assignments = answers.open.map { items[$0].ask.assignment }
    // Whoever has an assignment's own request locked sees in a second look what others have asked of it
    // before.
    _ = try table.lock(assignments, tenants: tenants)
    var batch = RemovalBatch(
      locked: try table.lock(assignments: assignments, tenants: tenants),
      events: RequestEvents(configuration: configuration, work: work))
    let asked = answers.open.map { ($0, items[$0]) }
    let waiting = try RemovalGuard(locked: batch.locked, work: work).waiting(asked, configuration, admission)
    for (index, confirmation) in waiting { answers.refuse(index, confirmation.refusal) }
    let asks = answers.open.map { items[$0].ask }
    let others = asks.filter { ask in
      batch.locked[ask.assignment].map { !ask.principal.isSubject($0.request.target.subject) } ?? false
    }
    let presence = try Presence(
      of: others.map(\.principal), tenants: tenants, work.connection, at: work.now)
    let colleagues = try Colleagues(
      asks.compactMap { ask in
        batch.locked[ask.assignment].flatMap { Colleagues.Ask(ask, of: $0.held, configuration) }
      }, tenants: tenants, work.connection)
    for index in answers.open {
      do {
        guard let id = keys.id(index) else { continue }
        answers[index] = .success(
          try batch.remove(items[index].ask, id: id, presence, colleagues, admission))
      } catch let refusal as Refusal {
        answers.refuse(index, refusal)
      }
    }
    try batch.save()
    try keys.settle(&answers)
    return answers.all
  }
}
