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

  @Test("Whoever sits in both stages says which one they saw: a retry after a lost answer decides no other")
  func retries() async throws {
    let (ada, stages) = (UUID(), 2)
    let bench = try await ApprovalBench(
      stages: Array(repeating: .asking([.singleUser(ada)]), count: stages))
    let (ids, caller) = ((0..<3).map { _ in UUID() }, bench.caller(ada))
    try await bench.open(ids)
    func codes(seeing stage: Int32) async throws -> [[String]] {
      try await bench.decideMany(ids, by: caller, seeing: stage).map { $0.refusal.reasons.map(\.code) }
    }
    func states() async throws -> Set<String?> {
      var states: Set<String?> = []
      for id in ids { states.insert(try await bench.state(of: id)) }
      return states
    }
    let unsaid = try await bench.decideMany(ids, by: caller)
    #expect(unsaid.allSatisfy { $0.refusal.reasons.map(\.code) == ["required"] })
    #expect(unsaid.allSatisfy { $0.refusal.reasons.map(\.field) == ["stage"] })
    #expect(try await codes(seeing: 1).allSatisfy(\.isEmpty))
    #expect(try await codes(seeing: 1).allSatisfy { $0 == ["alreadyDecided"] })
    #expect(try await states() == ["pending"])
    #expect(try await codes(seeing: 2).allSatisfy(\.isEmpty))
    #expect(try await states() == ["approved"])
  }

  @Test("Of an id that is listed twice, or a stage that there is not, nothing is decided")
  func refusesRepetitions() async throws {
    let bench = try await ApprovalBench()
    let (id, other) = (try await bench.openOne(), try await bench.openOne())
    for (ids, stage, field) in [([id, other, id], Int32(0), "ids"), ([id], 4, "stage"), ([id], -1, "stage")] {
      let refusal = await #expect(throws: Refusal.self) { try await bench.decideMany(ids, seeing: stage) }
      #expect(refusal?.reasons.map(\.field) == [field])
    }
    #expect(try await bench.state(of: id) == "pending")
    #expect(
      try await bench.decideMany([id, other]).allSatisfy { !$0.hasRefusal }, "one stage needs no saying")
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
  /// - Parameter stage: from 1; 0 for none that was seen.
  func decideMany(
    _ ids: [UUID], by caller: Caller? = nil, seeing stage: Int32 = 0
  ) async throws -> [Vestibule_Api_V1_DecideResult] {
    try await call(as: caller ?? self.caller()) { api, context in
      try await api.decideMany(
        request: .with {
          ($0.tenant, $0.ids, $0.verdict, $0.stage) = (tenant.text, ids.map(\.text), .approve, stage)
        }, context: context
      ).results
    }
  }
}
