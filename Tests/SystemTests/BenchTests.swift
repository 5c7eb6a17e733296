import Foundation
import LocalSystem
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: the benchmark runs, and writes what others read. Method: as few people as it takes.
  @Suite("The benchmark") struct BenchTests {
    private static let keys = [
      "users", "floor.journeys_per_second", "call.calls_per_second", "journey.journeys_per_second",
      "bulk_journey.journeys_per_second", "approved_journey.journeys_per_second",
      "expiry.removals_per_second",
      "journey.floor_ratio", "bulk_journey.floor_ratio", "approved_journey.floor_ratio", "expiry.floor_ratio",
      "latency_ms.p50", "latency_ms.p99", "submission.many_policies_ratio",
    ]

    @Test("Ten people are measured, and every figure is there", .timeLimit(.minutes(3)))
    func figures() async throws {
      let directory = try TestDirectory.make()
      let file = directory.appending(path: "figures.json")
      let executable = LocalSystem.Options(directory: directory).executables.appending(path: "vestibule")
      try await Command(
        executable,
        [
          "bench", "--users", "10", "--rounds", "1", "--policies", "20", "--json", file.path, "--directory",
          directory.appending(path: "system").path,
        ]
      ).run()
      let figures = try #require(
        try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
      for key in Self.keys { #expect((figures[key] as? Double).map { $0 > 0 } == true, "\(key)") }
      await TestDirectory.remove(directory)
    }
  }
}
