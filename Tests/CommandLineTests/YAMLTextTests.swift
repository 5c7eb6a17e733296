import Foundation
import Testing
import Yams

@testable import CommandLineTool

@Suite("YAML text")
struct YAMLTextTests {
  @Test("keeps flags, numbers and text apart, there and back")
  func roundTrip() throws {
    let text = "flag: true\nlist: [1, two, \"3\"]\nname: \"true\"\nnumber: 42\nwhen: 2026-11-23T12:00:00Z\n"
    let json = try YAMLText.json(try #require(try Yams.compose(yaml: text)))
    let data = try JSONSerialization.data(withJSONObject: json)
    let again = try JSONSerialization.jsonObject(with: data)
    let written = try Yams.serialize(node: YAMLText.node(again))
    let reread = try YAMLText.json(try #require(try Yams.compose(yaml: written)))
    #expect(
      try JSONSerialization.data(withJSONObject: reread, options: .sortedKeys)
        == JSONSerialization.data(withJSONObject: json, options: .sortedKeys))
    #expect((json as? [String: Any])?["name"] as? String == "true")
    #expect((json as? [String: Any])?["when"] as? String == "2026-11-23T12:00:00Z")
  }
}

@Suite("The benchmark's report")
struct BenchReportTests {
  @Test("counts the median of the rounds' ratios, and writes the keys that others read")
  func medians() throws {
    var report = BenchReport(users: 10)
    report.rounds = [(300.0, 100.0), (400.0, 100.0), (200.0, 100.0)].map { floor, ours in
      BenchReport.Round(floor: floor, journey: ours, bulk: ours, approved: ours, expiry: ours)
    }
    report.latencies = (1...100).map(Double.init)
    #expect(report.json["journey.floor_ratio"] as? Double == 3)
    #expect(report.json["floor.journeys_per_second"] as? Double == 300)
    #expect(report.json["latency_ms.p99"] as? Double == 100)
    let keys = [
      "users", "bulk_journey.floor_ratio", "approved_journey.journeys_per_second",
      "expiry.removals_per_second",
      "latency_ms.p50",
    ]
    for key in keys { #expect(report.json[key] != nil, "\(key)") }
  }
}
