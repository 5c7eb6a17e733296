import Synchronization

/// The process's metrics, in the Prometheus text format when they are asked for.
package final class MetricsRegistry: Sendable {
  private enum Source: Sendable {
    case counter(Counter)
    case gauge(@Sendable () async -> Double?)
    case histogram(Histogram)

    var type: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  private struct Metric: Sendable {
    let name: String
    let help: String
    let labels: [String: String]
    let source: Source
  }

  private let metrics = Mutex<[Metric]>([])

  package init() {}

  /// - Parameter name: by Prometheus's custom it ends with `_total`.
  package func counter(_ name: String, help: String, labels: [String: String] = [:]) -> Counter {
    let counter = Counter()
    add(Metric(name: name, help: help, labels: labels, source: .counter(counter)))
    return counter
  }

  /// - Parameter bounds: upper bounds of the buckets.
  package func histogram(
    _ name: String, help: String, labels: [String: String] = [:], bounds: [Double] = Histogram.seconds
  ) -> Histogram {
    let histogram = Histogram(bounds: bounds)
    add(Metric(name: name, help: help, labels: labels, source: .histogram(histogram)))
    return histogram
  }

  /// - Parameter read: asked at each scrape; nil leaves the metric out.
  package func gauge(
    _ name: String, help: String, labels: [String: String] = [:],
    read: @escaping @Sendable () async -> Double?
  ) {
    add(Metric(name: name, help: help, labels: labels, source: .gauge(read)))
  }

  package func render() async -> String {
    var lines: [String] = []
    var named: Set<String> = []
    for metric in metrics.withLock({ $0 }).sorted(by: { $0.name < $1.name }) {
      let samples = await Self.samples(of: metric)
      if samples.isEmpty { continue }
      if named.insert(metric.name).inserted {
        lines += ["# HELP \(metric.name) \(metric.help)", "# TYPE \(metric.name) \(metric.source.type)"]
      }
      lines += samples
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func add(_ metric: Metric) {
    metrics.withLock { $0.append(metric) }
  }

  private static func samples(of metric: Metric) async -> [String] {
    let (name, labels) = (metric.name, metric.labels)
    switch metric.source {
    case .counter(let counter):
      return ["\(name)\(text(labels)) \(counter.value)"]
    case .gauge(let read):
      guard let value = await read() else { return [] }
      return ["\(name)\(text(labels)) \(value)"]
    case .histogram(let histogram):
      let snapshot = histogram.snapshot()
      let bounds = histogram.bounds.map { "\($0)" } + ["+Inf"]
      let buckets = zip(bounds, snapshot.cumulative).map { bound, count in
        "\(name)_bucket\(text(labels.merging(["le": bound]) { $1 })) \(count)"
      }
      return buckets + [
        "\(name)_sum\(text(labels)) \(snapshot.sum)",
        "\(name)_count\(text(labels)) \(snapshot.cumulative.last ?? 0)",
      ]
    }
  }

  private static func text(_ labels: [String: String]) -> String {
    if labels.isEmpty { return "" }
    let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value))\"" }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
