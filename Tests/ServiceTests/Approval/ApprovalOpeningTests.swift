import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Approvals open, end and time out")
struct ApprovalOpeningTests {
  @Test("A submitted request opens one, however often it is told")
  func opens() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    try await bench.open([id])
    #expect(try await bench.state(of: id) == "pending")
    let told = try await bench.told(.approvalStageOpened)
    #expect(told.map(\.id) == [id.text])
    #expect(told.first?.expiresAt.instant == bench.noon + .days(14))
  }

  @Test("A canceled request waits for nobody")
  func cancels() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    try await bench.cancel(id)
    #expect(try await bench.state(of: id) == "canceled")
    #expect(try await bench.decide(id).codes == [.alreadyDecided])
    #expect(try await bench.told(.approvalCompleted).isEmpty)
  }

  @Test("One that is canceled before it is seen to wait never opens")
  func leavesTombstone() async throws {
    let bench = try await ApprovalBench()
    let id = UUID()
    try await bench.cancel(id)
    try await bench.open([id])
    #expect(try await bench.state(of: id) == "canceled")
    #expect(try await bench.told(.approvalStageOpened).isEmpty)
  }

  @Test("A decided one is not undone by the end of its request")
  func keepsDecision() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    _ = try await bench.decide(id, .deny)
    try await bench.cancel(id)
    #expect(try await bench.state(of: id) == "denied")
  }

  @Test("A request that waits again after a restore is answered again")
  func answersAgain() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    _ = try await bench.decide(id)
    let again = bench.event(.requestSubmitted, id, version: EntitlementModel.Version(epoch: 2, number: 1))
    try await bench.commit { [cache = bench.cache] work in try OpenApprovals(cache: cache)([again], work) }
    #expect(try await bench.told(.approvalCompleted).map(\.state) == [.approved, .approved])
  }

  @Test("Undecided in time, it ends timed out, once")
  func timesOut() async throws {
    let bench = try await ApprovalBench()
    let (late, decided) = (try await bench.openOne(), try await bench.openOne())
    _ = try await bench.decide(decided)
    #expect(try await bench.fireDue(at: bench.noon + .days(13)) == 0)
    #expect(try await bench.fireDue(at: bench.noon + .days(14)) == 2)
    #expect(try await bench.fireDue(at: bench.noon + .days(15)) == 0)
    #expect(try await bench.state(of: late) == "timedOut")
    #expect(try await bench.state(of: decided) == "approved")
    #expect(try await bench.told(.approvalCompleted).map(\.state) == [.approved, .timedOut])
    #expect(try await bench.decide(late).codes == [.alreadyDecided])
  }

  @Test("What waits is told again to an operator's order, and nothing else")
  func republishes() async throws {
    let bench = try await ApprovalBench()
    let (waiting, decided) = (try await bench.openOne(), try await bench.openOne())
    _ = try await bench.decide(decided)
    let told = try await Republishing.approvals(
      after: nil, tenants: [], tenant: nil, transactor: bench.transactor())
    #expect(told.count == 1 && told.next == nil)
    #expect(try await bench.told(.approvalStageOpened).last?.id == waiting.text)
  }
}

extension ApprovalBench {
  func cancel(_ id: UUID) async throws {
    let ending = event(.requestCanceled, id, version: EntitlementModel.Version(epoch: 1, number: 2))
    try await commit { work in try CancelApprovals()([ending], work) }
  }

  /// - Returns: how many deadlines were due.
  func fireDue(at instant: Date) async throws -> Int {
    try await commit(at: instant) { work in
      let table = DeadlineTable(connection: work.connection)
      let due = try table.claim(at: work.now, limit: 100)
      try table.advance(try FireApprovalDeadlines()(due, work))
      return due.count
    }
  }
}
