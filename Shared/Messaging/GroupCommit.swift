package import EntitlementModel
package import Foundation
import Postgres

/// API calls that change state share transactions: while one commits, those that arrive wait for the next. Each
/// gets an answer of its own.
package actor GroupCommit<Item: Sendable, Answer: Sendable> {
  package typealias Perform = @Sendable ([Item], Work) throws -> [Result<Answer, Refusal>]

  private let transactor: Transactor
  private let tenant: @Sendable (Item) -> UUID
  private let perform: Perform
  private var waiting: [Waiter] = []
  private var isCommitting = false

  private struct Waiter {
    let item: Item
    let continuation: CheckedContinuation<Answer, any Error>
  }

  private static var batchLimit: Int { 250 }
  private static var waitingLimit: Int { 1_000 }

  /// - Parameter perform: takes a whole batch and answers it item by item, in its order.
  package init(transactor: Transactor, tenant: @escaping @Sendable (Item) -> UUID, perform: @escaping Perform)
  {
    (self.transactor, self.tenant, self.perform) = (transactor, tenant, perform)
  }

  /// - Throws: the item's own `Refusal`; `overloaded` when a thousand are waiting; `DatabaseError`.
  package func callAsFunction(_ item: Item) async throws -> Answer {
    guard waiting.count < Self.waitingLimit else {
      throw Refusal(.overloaded, "Too many calls are waiting; try again in a moment.")
    }
    return try await withCheckedThrowingContinuation { continuation in
      waiting.append(Waiter(item: item, continuation: continuation))
      if !isCommitting {
        isCommitting = true
        Task { await commitWaiting() }
      }
    }
  }

  private func commitWaiting() async {
    while !waiting.isEmpty {
      let batch = Array(waiting.prefix(Self.batchLimit))
      waiting.removeFirst(batch.count)
      await commit(batch[...])
    }
    isCommitting = false
  }

  /// An error that one item causes must not be the others': the batch is halved until it stands alone.
  private func commit(_ batch: ArraySlice<Waiter>) async {
    let items = batch.map(\.item)
    do {
      let answers = try await transactor.commit(tenants: Set(items.map(tenant))) { [perform] work in
        let answers = try perform(items, work)
        guard answers.count == items.count else {
          throw AnswersMissing(items: items.count, answers: answers.count)
        }
        return answers
      }
      for (waiter, answer) in zip(batch, answers) {
        waiter.continuation.resume(with: answer.mapError { $0 as any Error })
      }
    } catch let error as DatabaseError where error.isPassing || batch.count == 1 {
      for waiter in batch { waiter.continuation.resume(throwing: error) }
    } catch {
      guard batch.count > 1 else { return batch.first?.continuation.resume(throwing: error) ?? () }
      let middle = batch.startIndex + batch.count / 2
      await commit(batch[..<middle])
      await commit(batch[middle...])
    }
  }
}

/// A use case that answers fewer items than it was given: nothing of its batch is committed.
struct AnswersMissing: Error {
  let items: Int
  let answers: Int
}
