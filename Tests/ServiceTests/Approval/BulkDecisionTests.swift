import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Many decisions with one call")
struct BulkDecisionTests {
  @Test("Ten thousand wait: each has its answer, what others decided is told, one more at once is refused")
  func tenThousand() async throws {
    let bench = try await ApprovalBench()
    let ids = (0..<10_000).map { _ in UUID() }
    for start in stride(from: 0, to: ids.count, by: 1_000) {
      try await bench.open(Array(ids[start..<start + 1_000]))
    }
    for id in ids[..<3] { _ = try await bench.decide(id, .deny).get() }
    let began = ContinuousClock.now
    let results = try await bench.decideMany(ids)
    #expect(ContinuousClock.now - began < .seconds(120))
    #expect(results.map(\.id) == ids.map(\.text))
    #expect(results[..<3].allSatisfy { $0.refusal.reasons.map(\.code) == ["alreadyDecided"] })
    #expect(results[3...].count { !$0.hasRefusal } == 9_997)
    #expect(try await bench.told(.approvalCompleted).count == 10_000)
    await #expect(throws: Refusal.self) { try await bench.decideMany(ids + [UUID()]) }
  }

  @Test("Two who decide the same thousand at once: each is decided once, and the other is told")
  func race() async throws {
    let bench = try await ApprovalBench()
    let ids = (0..<1_000).map { _ in UUID() }
    try await bench.open(ids)
    async let first = bench.decideMany(ids)
    async let second = bench.decideMany(ids)
    let (left, right) = (try await first, try await second)
    for (one, other) in zip(left, right) { #expect(one.hasRefusal != other.hasRefusal) }
    #expect(try await bench.told(.approvalCompleted).count == 1_000)
  }
}

extension ApprovalBench {
  func decideMany(_ ids: [UUID]) async throws -> [Vestibule_Api_V1_DecideResult] {
    try await call(as: caller()) { api, context in
      try await api.decideMany(
        request: .with { ($0.tenant, $0.ids, $0.verdict) = (tenant.text, ids.map(\.text), .approve) },
        context: context
      ).results
    }
  }
}
