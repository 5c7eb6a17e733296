import Synchronization

/// Counts what happened; never goes down.
package final class Counter: Sendable {
  private let total = Atomic<Int>(0)

  package func increment(by amount: Int = 1) {
    total.wrappingAdd(amount, ordering: .relaxed)
  }

  package var value: Int { total.load(ordering: .relaxed) }
}
