import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import ServiceRuntime

@Suite("What those who run it can ask")
struct OperationsServerTests {
  private struct Unavailable: Error {}

  private func get(_ url: String) async throws -> (status: UInt, body: String) {
    let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
    return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
  }

  private func withServer(
    _ checks: [ReadinessCheck], _ metrics: MetricsRegistry = MetricsRegistry(),
    _ body: (String) async throws -> Void
  ) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let address = try #require(ListenAddress("127.0.0.1:0"))
    let server = OperationsServer(
      address: address, checks: checks, metrics: metrics,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { port.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      for await port in ports {
        try await body("http://127.0.0.1:\(port)")
        break
      }
      group.cancelAll()
    }
  }

  @Test("It is alive before it is ready, and says what is missing")
  func readiness() async throws {
    let isUp = Mutex(false)
    let broker = ReadinessCheck("broker") { if !isUp.withLock({ $0 }) { throw Unavailable() } }
    try await withServer([ReadinessCheck("database") {}, broker]) { address in
      #expect(try await get("\(address)/healthz").status == 200)
      let before = try await get("\(address)/readyz")
      #expect(before == (503, "missing: broker\n"))
      isUp.withLock { $0 = true }
      #expect(try await get("\(address)/readyz") == (200, "ready\n"))
    }
  }

  @Test("Metrics are in the Prometheus text format")
  func metrics() async throws {
    let metrics = MetricsRegistry()
    metrics.counter("vestibule_calls_total", help: "Calls.", labels: ["method": "a\"b"]).increment(by: 3)
    metrics.gauge("vestibule_outbox_age_seconds", help: "Oldest.") { 1.5 }
    metrics.gauge("vestibule_unknown", help: "Not known.") { nil }
    let histogram = metrics.histogram("vestibule_wait_seconds", help: "Wait.", bounds: [0.1, 1])
    for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
    metrics.addProcessMetrics()
    try await withServer([], metrics) { address in
      let text = try await get("\(address)/metrics").body
      let expected = """
        # HELP vestibule_calls_total Calls.
        # TYPE vestibule_calls_total counter
        vestibule_calls_total{method="a\\"b"} 3
        # HELP vestibule_outbox_age_seconds Oldest.
        # TYPE vestibule_outbox_age_seconds gauge
        vestibule_outbox_age_seconds 1.5
        # HELP vestibule_wait_seconds Wait.
        # TYPE vestibule_wait_seconds histogram
        vestibule_wait_seconds_bucket{le="0.1"} 2
        vestibule_wait_seconds_bucket{le="1.0"} 3
        vestibule_wait_seconds_bucket{le="+Inf"} 4
        vestibule_wait_seconds_sum 7.65
        vestibule_wait_seconds_count 4

        """
      #expect(text.hasSuffix(expected))
      #expect(
        text.contains("\nprocess_resident_memory_bytes ") && text.contains("process_cpu_seconds_total "))
    }
  }
}
