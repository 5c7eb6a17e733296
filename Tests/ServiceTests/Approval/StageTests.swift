import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Stages, stored and listed")
struct StageTests {
  private let ada = UUID()
  private let bo = UUID()
  private let cy = UUID()

  private func named(
    _ people: UUID..., quorum: Int32 = 1, within timeout: String = "P14D", escalatingTo: [UUID] = []
  ) -> Vestibule_Model_V1_ApprovalStage {
    .asking(
      people.map { .singleUser($0) }, quorum: quorum, within: timeout, escalatingTo: escalatingTo)
  }

  @Test("A stage waits in its approvers' lists, and in nobody else's, until it is decided")
  func lists() async throws {
    let bench = try await ApprovalBench(stages: [named(ada), named(bo), .asking([.externalSponsors])])
    let id = try await bench.openOne()
    for (approver, others) in [
      (ada, [bo, bench.sponsor]), (bo, [ada, bench.sponsor]), (bench.sponsor, [ada, bo]),
    ] {
      #expect(try await bench.listed(by: approver) == [id.text])
      for other in others {
        #expect(try await bench.listed(by: other).isEmpty)
        #expect(try await bench.decide(id, by: bench.caller(other)).codes == [.notAnApprover])
        #expect(try await bench.find(id, as: bench.caller(other)).id == id.text, "but all of them may look")
      }
      _ = try await bench.decide(id, by: bench.caller(approver)).get()
    }
    #expect(try await bench.state(of: id) == "approved")
    #expect(try await bench.told(.approvalStageOpened).map(\.stage) == [1, 2, 3])
    #expect(try await bench.told(.approvalDecided).map(\.stage) == [2, 3])
    let told = try #require(try await bench.told(.approvalCompleted).first)
    #expect(told.stages.flatMap(\.decisions).map(\.decidedBy) == [ada, bo, bench.sponsor].map(\.text))
  }

  @Test("The clock of a later stage is its own, even if it ends before the first one's would have")
  func clocks() async throws {
    let bench = try await ApprovalBench(stages: [named(ada), named(bo, within: "P2D")])
    let (id, other) = (try await bench.openOne(), try await bench.openOne())
    _ = try await bench.decide(id, by: bench.caller(ada), at: bench.noon + .days(1)).get()
    #expect(try await bench.fireDue(at: bench.noon + .days(2)) == 0)
    #expect(try await bench.fireDue(at: bench.noon + .days(3)) == 1)
    #expect(try await bench.state(of: id) == "timedOut")
    #expect(try await bench.state(of: other) == "pending")
    #expect(try await bench.fireDue(at: bench.noon + .days(14)) == 1)
    #expect(try await bench.state(of: other) == "timedOut")
  }

  @Test("Escalated, it waits in the alternates' lists too, and still times out")
  func escalates() async throws {
    let bench = try await ApprovalBench(stages: [named(ada, escalatingTo: [bo])])
    let (id, decided) = (try await bench.openOne(), try await bench.openOne())
    #expect(try await bench.listed(by: bo).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    #expect(try await bench.fireDue(at: bench.noon + .days(4)) == 2)
    #expect(try await bench.told(.approvalEscalated).count == 2)
    #expect(Set(try await bench.listed(by: bo)) == [id.text, decided.text])
    #expect(Set(try await bench.listed(by: ada)) == [id.text, decided.text])
    let stored = try await bench.decide(decided, by: bench.caller(bo)).get()
    #expect(stored.approval.decisions.map(\.capacity) == [.escalation])
    #expect(try await bench.fireDue(at: bench.noon + .days(14)) == 2)
    #expect(try await bench.state(of: id) == "timedOut")
    #expect(try await bench.state(of: decided) == "approved")
  }

  @Test("A quorum waits for the others, and no longer for those who have decided")
  func quorum() async throws {
    let bench = try await ApprovalBench(stages: [named(ada, bo, cy, quorum: 2)])
    let id = try await bench.openOne()
    _ = try await bench.decide(id, by: bench.caller(ada)).get()
    #expect(try await bench.listed(by: ada).isEmpty)
    #expect(try await bench.listed(by: bo) == [id.text])
    #expect(try await bench.decide(id, by: bench.caller(ada)).codes == [.alreadyDecided])
    _ = try await bench.decide(id, by: bench.caller(cy)).get()
    #expect(try await bench.state(of: id) == "approved")
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.alreadyDecided])
    #expect(try await bench.told(.approvalCompleted).count == 1)
  }

  @Test("Twenty of a quorum of two at once, through two copies: two decide, the others are told")
  func quorumRaces() async throws {
    let people = (0..<20).map { _ in UUID() }
    let bench = try await ApprovalBench(
      stages: [.asking(people.map { .singleUser($0) }, quorum: 2), named(ada)])
    let id = try await bench.openOne()
    let copies = try [0, 1].map { _ in
      GroupCommit<Answer, StoredApproval>(transactor: try bench.transactor(), tenant: \.caller.tenant) {
        [cache = bench.cache] answers, work in try DecideApprovals(cache: cache)(answers, work)
      }
    }
    let decided = await withTaskGroup(of: Bool.self) { group in
      for (number, person) in people.enumerated() {
        let answer = Answer(approval: id, caller: bench.caller(person), verdict: .approve, stage: 0)
        group.addTask { (try? await copies[number % 2](answer)) != nil }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(decided == 2)
    #expect(try await bench.listed(by: ada) == [id.text])
  }

  @Test("Who saw an earlier stage does not decide a later one by mistake")
  func seen() async throws {
    let bench = try await ApprovalBench(stages: [named(ada, bo), named(ada, bo)])
    let id = try await bench.openOne()
    _ = try await bench.decide(id, by: bench.caller(ada), stage: 0).get()
    #expect(try await bench.decide(id, by: bench.caller(bo), stage: 0).codes == [.alreadyDecided])
    _ = try await bench.decide(id, by: bench.caller(bo), stage: 1).get()
    #expect(try await bench.state(of: id) == "approved")
  }

  @Test("Decision 16: an approver may give less, with a reason")
  func shortens() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    let end = bench.noon + .days(30)
    #expect(try await bench.decide(id, endsAt: end).codes == [.approverJustificationRequired])
    #expect(try await bench.decide(id, justification: "Ends soon", endsAt: bench.noon).codes == [.outOfRange])
    #expect(
      try await bench.decide(id, .deny, justification: "Ends soon", endsAt: end).codes == [.outOfRange])
    _ = try await bench.decide(id, justification: "The project ends", endsAt: end).get()
    let told = try #require(try await bench.told(.approvalCompleted).first)
    #expect(told.stages.first?.decisions.first?.endDateTime.instant == end)
  }

  @Test("What was approved is taken back by whoever approved it, unless barred meanwhile")
  func revokes() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    func revoke(_ caller: Caller) async throws -> [Reason.Code] {
      do {
        try await bench.commit { work in
          _ = try RevokeApproval()(id, caller, justification: "The project is over", work)
        }
        return []
      } catch let refusal as Refusal {
        return refusal.reasons.map(\.code)
      }
    }
    _ = try await bench.decide(id).get()
    #expect(try await revoke(bench.caller(ada)) == [.notAnApprover])
    #expect(
      try await revoke(Caller(tenant: UUID(), subject: bench.sponsor, organization: nil)) == [.notFound])
    try await bench.follow(bench.sponsor, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await revoke(bench.caller()) == [.subjectBarred])
    try await bench.follow(bench.sponsor, version: 3)
    #expect(try await revoke(bench.caller()).isEmpty)
    #expect(try await revoke(bench.caller()).isEmpty)
    let told = try await bench.told(.approvalRevoked)
    // Said again it is told again, as it was.
    #expect(told.map(\.revocation.justification) == ["The project is over", "The project is over"])
    #expect(told.map(\.revocation.revokedBy) == [bench.sponsor.text, bench.sponsor.text])
    #expect(Set(told.map(\.version.number)).count == 1)
    #expect(try await bench.find(id, as: bench.caller()).revocation.revokedBy == bench.sponsor.text)
  }

  @Test("A policy that lost the stage that waits asks nobody, and the clock runs on")
  func lostStage() async throws {
    let bench = try await ApprovalBench(stages: [named(ada), named(bo)])
    let id = try await bench.openOne()
    _ = try await bench.decide(id, by: bench.caller(ada)).get()
    try await bench.configure([named(ada)], version: 2)
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    #expect(try await bench.fireDue(at: bench.noon + .days(14)) == 1)
    #expect(try await bench.state(of: id) == "timedOut")
  }
}
