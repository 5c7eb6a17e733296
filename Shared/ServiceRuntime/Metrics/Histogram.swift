import Synchronization

/// Counts observations by size.
package final class Histogram: Sendable {
  struct Snapshot: Sendable {
    /// Observations at most as large as the bound of the same place; the last counts all.
    var cumulative: [Int]
    var sum: Double
  }

  let bounds: [Double]
  private let state: Mutex<(counts: [Int], sum: Double)>

  /// Seconds, from 1 ms to 10 s.
  package static let seconds: [Double] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  init(bounds: [Double]) {
    self.bounds = bounds.sorted()
    state = Mutex(([Int](repeating: 0, count: bounds.count + 1), 0))
  }

  package func observe(_ value: Double) {
    let place = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }

  package func observe(_ duration: Duration) {
    observe(duration / .seconds(1))
  }

  func snapshot() -> Snapshot {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    var total = 0
    let cumulative = counts.map { count in
      total += count
      return total
    }
    return Snapshot(cumulative: cumulative, sum: sum)
  }
}
