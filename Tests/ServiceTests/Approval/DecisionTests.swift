import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Deciding")
struct DecisionTests {
  @Test("A sponsor's word is recorded with the capacity, and told with the whole approval")
  func records() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    let decided = try await bench.decide(id, justification: "Knows the project").get()
    #expect(decided.approval.decisions.map(\.capacity) == [.externalSponsor])
    let told = try #require(try await bench.told(.approvalCompleted).first)
    let decision = try #require(told.stages.first?.decisions.first)
    #expect(told.state == .approved && decision.decidedBy == bench.sponsor.text)
    #expect(decision.justification == "Knows the project")
    #expect(told.organization == bench.fabrikam.text && told.version.number == 2)
  }

  @Test("Somebody else, and an external sponsor matched elsewhere, are no approvers")
  func refusesStrangers() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    #expect(try await bench.decide(id, by: bench.caller(UUID())).codes == [.notAnApprover])
    #expect(try await bench.decide(id, by: bench.caller(organization: UUID())).codes == [.notAnApprover])
    #expect(try await bench.decide(id, by: bench.caller(organization: .some(nil))).codes == [.notAnApprover])
    #expect(try await bench.state(of: id) == "pending")
  }

  @Test("Nobody decides for themselves")
  func refusesOwnRequest() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne(target: bench.sponsor)
    #expect(try await bench.decide(id).codes == [.ownRequest])
  }

  @Test("There is one answer about what does not exist and what belongs to others")
  func hidesOtherTenants() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    #expect(try await bench.decide(UUID()).codes == [.notFound])
    let foreigner = Caller(tenant: UUID(), subject: bench.sponsor, organization: bench.fabrikam)
    #expect(try await bench.decide(id, by: foreigner).codes == [.notFound])
  }

  @Test("A policy may ask for a reason")
  func requiresJustification() async throws {
    let bench = try await ApprovalBench(stage: .asking([.externalSponsors], requiresJustification: true))
    let id = try await bench.openOne()
    #expect(try await bench.decide(id, justification: " \n").codes == [.approverJustificationRequired])
    #expect(try await bench.decide(id, justification: "Fine").codes.isEmpty)
  }

  @Test("The barred and those who left decide nothing, until the bar ends")
  func refusesHindered() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    try await bench.follow(bench.sponsor, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await bench.decide(id).codes == [.subjectBarred])
    try await bench.follow(bench.sponsor, version: 1)
    #expect(try await bench.decide(id).codes == [.subjectBarred], "an older event counts for nothing")
    try await bench.follow(bench.sponsor, leftAt: bench.noon, version: 3)
    #expect(try await bench.decide(id).codes == [.subjectLeft])
    try await bench.follow(bench.sponsor, bar: .init(reason: "", until: bench.noon), version: 4)
    #expect(try await bench.decide(id).codes.isEmpty)
  }

  @Test("The fallback approver decides when every sponsor is barred")
  func fallsBack() async throws {
    let fallback = UUID()
    let bench = try await ApprovalBench(stage: .asking([.externalSponsors], fallback: [fallback]))
    let id = try await bench.openOne()
    let caller = bench.caller(fallback, organization: .some(nil))
    #expect(try await bench.decide(id, by: caller).codes == [.notAnApprover])
    try await bench.follow(bench.sponsor, bar: .init(reason: "", until: nil))
    #expect(try await bench.decide(id, by: caller).get().approval.decisions.map(\.capacity) == [.fallback])
  }

  @Test("Who may decide is looked up when it matters")
  func followsConfiguration() async throws {
    let bench = try await ApprovalBench()
    let (id, newcomer) = (try await bench.openOne(), UUID())
    try await bench.configure(.asking([.externalSponsors]), sponsors: [newcomer], version: 2)
    #expect(try await bench.decide(id).codes == [.notAnApprover])
    #expect(try await bench.decide(id, by: bench.caller(newcomer)).codes.isEmpty)
  }

  @Test("Of twenty at once, through two copies of the service, one decides")
  func decidesOnce() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    let copies = try [0, 1].map { _ in
      GroupCommit<Answer, StoredApproval>(transactor: try bench.transactor(), tenant: \.caller.tenant) {
        [cache = bench.cache] answers, work in try DecideApprovals(cache: cache)(answers, work)
      }
    }
    let caller = bench.caller()
    let refusals = await withTaskGroup(of: [Reason.Code].self) { group in
      for number in 0..<20 {
        group.addTask {
          let answer = Answer(
            approval: id, caller: caller, verdict: number.isMultiple(of: 2) ? .approve : .deny)
          do {
            _ = try await copies[number / 10](answer)
            return []
          } catch {
            return (error as? Refusal)?.reasons.map(\.code) ?? [.overloaded]
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(refusals.filter(\.isEmpty).count == 1)
    #expect(refusals.filter { $0 == [.alreadyDecided] }.count == 19)
    #expect(try await bench.told(.approvalCompleted).count == 1)
  }

  @Test("A thousand in one call, each with its answer")
  func decidesMany() async throws {
    let bench = try await ApprovalBench()
    let open = (0..<700).map { _ in UUID() }
    let own = (0..<100).map { _ in UUID() }
    let unknown = (0..<100).map { _ in UUID() }
    try await bench.open(open)
    try await bench.open(own, target: bench.sponsor)
    let decided = (0..<100).map { _ in UUID() }
    try await bench.open(decided)
    _ = try await bench.decideMany(decided)
    let ids = open + own + unknown + decided
    let answer = try await bench.call(as: bench.caller()) { api, context in
      try await api.decideMany(
        request: .with {
          ($0.tenant, $0.ids, $0.verdict) = (bench.tenant.text, ids.map(\.text), .approve)
        }, context: context)
    }
    #expect(answer.results.map(\.id) == ids.map(\.text))
    let codes = answer.results.map { $0.hasRefusal ? $0.refusal.reasons.first?.code : nil }
    let expected: [String?] =
      Array(repeating: nil, count: 700) + Array(repeating: "ownRequest", count: 100)
      + Array(repeating: "notFound", count: 100) + Array(repeating: "alreadyDecided", count: 100)
    #expect(codes == expected)
    #expect(try await bench.told(.approvalCompleted).count == 800)
  }

  @Test("More than ten thousand are refused")
  func limitsItems() async throws {
    let bench = try await ApprovalBench()
    await #expect(throws: Refusal.self) {
      try await bench.call(as: bench.caller()) { api, context in
        try await api.decideMany(
          request: .with { ($0.tenant, $0.ids) = (bench.tenant.text, Array(repeating: "", count: 10_001)) },
          context: context)
      }
    }
  }
}
