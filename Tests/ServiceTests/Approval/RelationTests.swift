import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval

@Suite("Managers, and those who answer for somebody (decision 14)")
struct RelationTests {
  private let boss = UUID()
  private let head = UUID()
  private let stand = UUID()

  private func bench(_ approvers: [AssignmentPolicy.Approver]) async throws -> ApprovalBench {
    let bench = try await ApprovalBench(stage: .asking(approvers, fallback: [stand]))
    try await bench.follow(boss, manager: head)
    return bench
  }

  @Test("The manager decides, sees it listed, and nobody else does; without one the fallback does")
  func manager() async throws {
    let bench = try await bench([.requestorManager(level: 1)])
    try await bench.follow(bench.target, manager: boss)
    let (led, alone) = (try await bench.openOne(), try await bench.openOne(target: UUID()))
    #expect(try await bench.listed(by: boss) == [led.text])
    #expect(try await bench.listed(by: head).isEmpty)
    #expect(try await bench.listed(by: stand) == [alone.text])
    for other in [head, stand] {
      #expect(try await bench.decide(led, by: bench.caller(other)).codes == [.notAnApprover])
    }
    let decided = try await bench.decide(led, by: bench.caller(boss)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.requestorManager])
    #expect(try await bench.decide(alone, by: bench.caller(boss)).codes == [.notAnApprover])
    let stoodIn = try await bench.decide(alone, by: bench.caller(stand)).get()
    #expect(stoodIn.approval.decisions.map(\.capacity) == [.fallback])
  }

  @Test("The second level is the manager's manager, and a manager who has left is not found")
  func levels() async throws {
    let bench = try await bench([.requestorManager(level: 2)])
    try await bench.follow(bench.target, manager: boss)
    let id = try await bench.openOne()
    #expect(try await bench.listed(by: head) == [id.text])
    #expect(try await bench.listed(by: boss).isEmpty)
    try await bench.follow(head, leftAt: bench.noon)
    #expect(try await bench.listed(by: stand) == [id.text])
    #expect(try await bench.decide(id, by: bench.caller(head)).codes == [.subjectLeft])
    _ = try await bench.decide(id, by: bench.caller(stand)).get()
  }

  @Test("A new manager decides, the former one no more; news that come late change nothing")
  func changes() async throws {
    let bench = try await bench([.requestorManager(level: 1)])
    try await bench.follow(bench.target, manager: head, sponsors: [head], version: 3)
    try await bench.follow(bench.target, manager: boss, sponsors: [boss], version: 2)
    let id = try await bench.openOne()
    #expect(try await bench.listed(by: boss).isEmpty)
    #expect(try await bench.listed(by: head) == [id.text])
    #expect(try await bench.decide(id, by: bench.caller(boss)).codes == [.notAnApprover])
    _ = try await bench.decide(id, by: bench.caller(head)).get()
  }

  @Test("The manager as escalation approver decides once the stage is escalated")
  func escalation() async throws {
    var stage = Vestibule_Model_V1_ApprovalStage.asking([.singleUser(stand)], escalatingTo: [boss])
    stage.escalationApprovers = [.with { $0.requestorManager = .init() }]
    let bench = try await ApprovalBench(stage: stage)
    try await bench.follow(bench.target, manager: boss)
    let id = try await bench.openOne()
    #expect(try await bench.listed(by: boss).isEmpty)
    #expect(try await bench.fireDue(at: bench.noon + .days(4)) == 1)
    #expect(try await bench.listed(by: boss) == [id.text])
    #expect(
      try await bench.decide(id, by: bench.caller(boss)).get().approval.decisions.map(\.capacity) == [
        .escalation
      ])
  }

  @Test("Any of the target's sponsors decides; nobody's guest is the fallback's")
  func sponsors() async throws {
    let bench = try await bench([.targetUserSponsors])
    try await bench.follow(bench.target, sponsors: [boss, head])
    let (guest, nobodys) = (try await bench.openOne(), try await bench.openOne(target: UUID()))
    for sponsor in [boss, head] { #expect(try await bench.listed(by: sponsor) == [guest.text]) }
    #expect(try await bench.listed(by: stand) == [nobodys.text])
    #expect(try await bench.decide(guest, by: bench.caller(stand)).codes == [.notAnApprover])
    let decided = try await bench.decide(guest, by: bench.caller(head)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.targetUserSponsor])
    try await bench.follow(bench.target, version: 2)
    let again = try await bench.openOne()
    #expect(try await bench.decide(again, by: bench.caller(boss)).codes == [.notAnApprover])
  }

  @Test("A fallback's pages are full although most of what waits has a manager")
  func pages() async throws {
    let bench = try await bench([.requestorManager(level: 1)])
    try await bench.follow(bench.target, manager: boss)
    var expected: [String] = []
    for _ in 0..<6 {
      try await bench.open((0..<4).map { _ in UUID() })
      expected.append(try await bench.openOne(target: UUID()).text)
    }
    let page = try await bench.list(as: bench.caller(stand), size: 4)
    let rest = try await bench.list(as: bench.caller(stand), size: 4, token: page.nextPageToken)
    #expect(page.approvals.count == 4 && rest.approvals.count == 2)
    #expect(Set((page.approvals + rest.approvals).map(\.id)) == Set(expected))
  }
}
