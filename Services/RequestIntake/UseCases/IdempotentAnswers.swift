import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols

/// Answers the items of a batch that were asked before, and gives the others their ids.
struct IdempotentAnswers {
  private let batch: IdempotentBatch
  private let items: [Int]
  private let callers: [Principal]
  private let requests: RequestTable
  private let configuration: LoadedConfiguration
  private let ids: [Int: UUID]
  private var repeats: [Int: UUID] = [:]

  init(
    _ asked: [some IdempotentAsk], _ answers: inout RequestAnswers, _ configuration: LoadedConfiguration,
    _ work: Work
  ) throws {
    items = answers.open
    callers = asked.map(\.principal)
    batch = try IdempotentBatch(items.map { asked[$0] }, work)
    requests = RequestTable(connection: work.connection)
    self.configuration = configuration
    var ids: [Int: UUID] = [:]
    for (index, fate) in zip(items, batch.fates) {
      switch fate {
      case .new(let id): ids[index] = id
      case .answered(let request): repeats[index] = request
      case .conflict: answers.refuse(index, IdempotentBatch.conflict)
      }
    }
    self.ids = ids
    for index in repeats.keys { answers.refuse(index, .notFound) }
  }

  /// The id that the item's request gets; none for one that was answered before.
  func id(_ index: Int) -> UUID? {
    ids[index]
  }

  /// Gives the repeats the answers of what they repeat, and frees the keys of what was refused.
  func settle(_ answers: inout RequestAnswers) throws {
    try batch.settle(
      ids.reduce(into: [:]) { answered, item in
        guard case .success(let message) = answers[item.key] else { return }
        answered[item.value] = UUID(text: message.id)
      })
    guard !repeats.isEmpty else { return }
    let found = try requests.find(Array(Set(repeats.values)), tenants: Set(configuration.tenants.keys))
    for (index, id) in repeats {
      if let stored = found[id] {
        answers[index] = .success(
          Vestibule_Model_V1_Request(stored.request, shownTo: callers[index], configuration))
      } else if let first = ids.first(where: { $0.value == id }), let answer = answers[first.key] {
        answers[index] = answer
      }
    }
  }
}
