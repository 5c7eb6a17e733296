import Foundation

/// What a run of the benchmark found; the keys are those that others read.
struct BenchReport {
  struct Round: Sendable {
    var floor = 0.0
    /// Calls that are answered from memory: what one gRPC call costs before there is any work.
    var call = 0.0
    var journey = 0.0
    var bulk = 0.0
    var approved = 0.0
    var expiry = 0.0
  }

  let users: Int
  var rounds: [Round] = []
  var latencies: [Double] = []
  var growth: Double?
  var manyPolicies = 0.0
  var memory: [(name: String, mebibytes: Double)] = []
  var cpu: [(name: String, microseconds: Double)] = []

  var json: [String: Any] {
    var values: [String: Any] = [
      "users": users,
      "floor.journeys_per_second": median(\.floor),
      "call.calls_per_second": median(\.call),
      "journey.journeys_per_second": median(\.journey),
      "bulk_journey.journeys_per_second": median(\.bulk),
      "approved_journey.journeys_per_second": median(\.approved),
      "expiry.removals_per_second": median(\.expiry),
      "journey.floor_ratio": ratio(\.journey),
      "bulk_journey.floor_ratio": ratio(\.bulk),
      "approved_journey.floor_ratio": ratio(\.approved),
      "expiry.floor_ratio": ratio(\.expiry),
      "latency_ms.p50": percentile(0.50),
      "latency_ms.p99": percentile(0.99),
      "submission.many_policies_ratio": manyPolicies,
      "rounds": rounds.map { round in
        [
          "floor": round.floor, "call": round.call, "journey": round.journey,
          "bulk_journey": round.bulk, "approved_journey": round.approved, "expiry": round.expiry,
        ]
      },
    ]
    if let growth { values["growth.ratio"] = growth }
    for entry in memory { values["memory_mib.\(entry.name)"] = entry.mebibytes }
    for entry in cpu { values["cpu_us_per_journey.\(entry.name)"] = entry.microseconds }
    return values
  }

  var table: String {
    func row(_ name: String, _ rate: KeyPath<Round, Double>) -> String {
      let name = name.padding(toLength: 24, withPad: " ", startingAt: 0)
      return String(format: "%@ %8.0f/s   floor ratio %.2f", name, median(rate), ratio(rate))
    }
    var lines = [
      "floor".padding(toLength: 24, withPad: " ", startingAt: 0)
        + String(format: " %8.0f/s", median(\.floor)),
      row("a call without work", \.call), row("journey", \.journey), row("bulk journey", \.bulk),
      row("approved journey", \.approved),
      row("expiry (removals)", \.expiry),
      String(format: "latency                  p50 %.1f ms   p99 %.1f ms", percentile(0.5), percentile(0.99)),
    ]
    lines.append(String(format: "many policies ratio      %.2f", manyPolicies))
    if let growth { lines.append(String(format: "growth ratio             %.2f", growth)) }
    lines += memory.map { String(format: "memory %@ %.0f MiB", $0.name, $0.mebibytes) }
    lines += cpu.map { String(format: "cpu per journey %@ %.0f µs", $0.name, $0.microseconds) }
    return lines.joined(separator: "\n")
  }

  /// The machines are noisy: the median of the rounds' ratios counts.
  private func ratio(_ rate: KeyPath<Round, Double>) -> Double {
    Self.median(rounds.map { $0[keyPath: rate] > 0 ? $0.floor / $0[keyPath: rate] : 0 })
  }

  private func median(_ rate: KeyPath<Round, Double>) -> Double {
    Self.median(rounds.map { $0[keyPath: rate] })
  }

  private func percentile(_ part: Double) -> Double {
    let sorted = latencies.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}
