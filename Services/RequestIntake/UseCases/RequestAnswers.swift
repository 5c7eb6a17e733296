import Contracts
import EntitlementModel
import Foundation
import Protocols

/// The answers of a batch, item by item, while they are being found.
struct RequestAnswers {
  typealias Answer = Result<Vestibule_Model_V1_Request, Refusal>
  private var answers: [Answer?]

  init(count: Int) {
    answers = Array(repeating: nil, count: count)
  }

  subscript(index: Int) -> Answer? {
    get { answers[index] }
    set { answers[index] = newValue }
  }

  mutating func refuse(_ index: Int, _ refusal: Refusal) {
    answers[index] = .failure(refusal)
  }

  /// Of several changes of an assignment one is open; the others are told which.
  mutating func refuse(
    openBefore refused: [Int: AccessRequest], _ table: RequestTable, _ tenants: Set<UUID>
  ) throws {
    guard !refused.isEmpty else { return }
    let open = try table.lock(assignments: Set(refused.values.map(\.assignment)), tenants: tenants).values
    for (index, request) in refused {
      let first = open.first {
        $0.request.assignment == request.assignment && $0.request.openChange == request.openChange
      }
      refuse(
        index,
        Refusal(
          .openRequestExists, "There is already a request to change this access.",
          hint: first?.request.id.uuidString.lowercased() ?? ""))
    }
  }

  /// The items that have no answer yet.
  var open: [Int] { answers.indices.filter { answers[$0] == nil } }

  /// The ids of the requests that were made or found.
  var requests: Set<String> {
    Set(answers.compactMap { if case .success(let message) = $0 { message.id } else { nil } })
  }

  var all: [Answer] {
    answers.map { $0 ?? .failure(.notFound) }
  }
}
