import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("An approver's delegate (decision 14)")
struct DelegationTests {
  private let ada = UUID()
  private let bo = UUID()
  private let cy = UUID()

  private func bench(quorum: Int32 = 1) async throws -> ApprovalBench {
    let bench = try await ApprovalBench(stage: .asking([.singleUser(ada), .singleUser(cy)], quorum: quorum))
    for person in [ada, bo, cy] { try await bench.follow(person) }
    return bench
  }

  private func delegate(
    _ bench: ApprovalBench, from approver: UUID, to delegate: UUID?,
    starting start: Date = Date(timeIntervalSince1970: 0),
    until end: Date? = nil
  ) async throws -> [Reason.Code] {
    do {
      try await bench.commit { work in
        _ = try Delegate()(bench.caller(approver), to: delegate, from: start, until: end, work)
      }
      return []
    } catch let refusal as Refusal {
      return refusal.reasons.map(\.code)
    }
  }

  @Test("Both may decide; the decision says for whom, and their word counts once")
  func decides() async throws {
    let bench = try await bench(quorum: 2)
    let id = try await bench.openOne()
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    #expect(try await delegate(bench, from: ada, to: bo).isEmpty)
    #expect(try await bench.listed(by: bo) == [id.text])
    #expect(try await bench.listed(by: ada) == [id.text])
    let stored = try await bench.decide(id, by: bench.caller(bo)).get()
    #expect(stored.approval.decisions.map(\.onBehalfOf) == [ada])
    #expect(stored.approval.decisions.map(\.capacity) == [.singleUser])
    #expect(try await bench.listed(by: bo).isEmpty)
    #expect(try await bench.listed(by: ada).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(ada)).codes == [.alreadyDecided])
    _ = try await bench.decide(id, by: bench.caller(cy)).get()
    let told = try #require(try await bench.told(.approvalCompleted).first)
    #expect(told.stages[0].decisions.map(\.onBehalfOf) == [ada.text, ""])
    try await bench.commit { [ada] work in
      _ = try RevokeApproval()(id, bench.caller(ada), justification: "My delegate erred", work)
    }
    #expect(try await bench.told(.approvalRevoked).map(\.revocation.revokedBy) == [ada.text])
  }

  @Test(
    "Who stands in for two gives the word of the one who has not been heard, and sees it waiting for that")
  func shared() async throws {
    let bench = try await bench(quorum: 2)
    let id = try await bench.openOne()
    for approver in [ada, cy] { #expect(try await delegate(bench, from: approver, to: bo).isEmpty) }
    let first = ada.uuidString < cy.uuidString ? ada : cy
    let second = first == ada ? cy : ada
    _ = try await bench.decide(id, by: bench.caller(first)).get()
    #expect(try await bench.listed(by: bo) == [id.text])
    let decided = try await bench.decide(id, by: bench.caller(bo)).get().approval
    #expect(decided.decisions.map(\.onBehalfOf) == [nil, second] && decided.state == .approved)
    let other = try await bench.openOne()
    _ = try await bench.decide(other, by: bench.caller(bo)).get()
    #expect(try await bench.listed(by: bo).isEmpty, "one word for one of them is all that a delegate gives")
    #expect(try await bench.decide(other, by: bench.caller(bo)).codes == [.alreadyDecided])
    #expect(try await bench.listed(by: second) == [other.text])
  }

  @Test("Where two must say yes, a person and their other identity's delegate count once, whoever is first")
  func linked() async throws {
    let bench = try await bench(quorum: 2)
    let person = UUID()
    for id in [ada, cy] { try await bench.follow(id, person: person, version: 2) }
    #expect(try await delegate(bench, from: ada, to: bo).isEmpty)
    let callers = [bench.caller(bo), bench.caller(cy)]
    for (one, other) in [(callers[0], callers[1]), (callers[1], callers[0])] {
      let id = try await bench.openOne()
      _ = try await bench.decide(id, by: one).get()
      #expect(try await bench.listed(by: other.subject).isEmpty)
      #expect(try await bench.decide(id, by: other).codes == [.alreadyDecided])
      #expect(try await bench.state(of: id) == "pending")
    }
  }

  @Test(
    "A word that an approver must not give, for they stand in for whom it concerns, is not their delegate's")
  func chain() async throws {
    let bench = try await bench()
    try await bench.follow(bench.target)
    let id = try await bench.openOne()
    #expect(try await delegate(bench, from: bench.target, to: ada).isEmpty)
    #expect(try await delegate(bench, from: ada, to: bo).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(ada)).codes == [.ownRequest])
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    #expect(try await bench.listed(by: bo).isEmpty)
    _ = try await bench.decide(id, by: bench.caller(cy)).get()
  }

  @Test("Only for its period, until it is taken back, and one step far")
  func period() async throws {
    let bench = try await bench()
    let id = try await bench.openOne()
    let (start, end) = (bench.noon + .days(2), bench.noon + .days(4))
    #expect(try await delegate(bench, from: ada, to: bo, starting: start, until: end).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(bo), at: start - .days(1)).codes == [.notAnApprover])
    #expect(try await bench.decide(id, by: bench.caller(bo), at: end).codes == [.notAnApprover])
    #expect(try await delegate(bench, from: bo, to: cy).isEmpty)
    #expect(try await delegate(bench, from: ada, to: nil).isEmpty)
    #expect(try await bench.decide(id, by: bench.caller(bo), at: start).codes == [.notAnApprover])
    #expect(try await delegate(bench, from: cy, to: ada).isEmpty)
    #expect(try await delegate(bench, from: ada, to: bo).isEmpty)
    let other = try await bench.openOne()
    _ = try await bench.decide(other, by: bench.caller(ada)).get()
    #expect(
      try await bench.decide(id, by: bench.caller(bo)).get().approval.decisions.map(\.onBehalfOf) == [ada])
  }

  @Test("Neither the delegate of whom it is about decides, nor one for whom is barred, nor a barred one")
  func refuses() async throws {
    let bench = try await bench()
    let own = try await bench.openOne(target: ada)
    #expect(try await delegate(bench, from: ada, to: cy).isEmpty)
    #expect(try await bench.decide(own, by: bench.caller(cy)).codes == [.ownRequest])
    #expect(try await bench.listed(by: cy).isEmpty)
    #expect(try await delegate(bench, from: ada, to: bo).isEmpty)
    let id = try await bench.openOne()
    try await bench.follow(ada, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.notAnApprover])
    try await bench.follow(ada, version: 3)
    try await bench.follow(bo, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.subjectBarred])
  }

  @Test("A partner's sponsor is stood in for by somebody of the same partner alone")
  func sponsors() async throws {
    let bench = try await ApprovalBench()
    for person in [bench.sponsor, bo] { try await bench.follow(person) }
    let id = try await bench.openOne()
    #expect(try await delegate(bench, from: bench.sponsor, to: bo).isEmpty)
    let outsider = bench.caller(bo, organization: .some(nil))
    #expect(try await bench.decide(id, by: outsider).codes == [.notAnApprover])
    let decided = try await bench.decide(id, by: bench.caller(bo)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.externalSponsor])
  }

  @Test("Nobody unknown, not oneself, not for a time that is over")
  func judges() async throws {
    let bench = try await bench()
    #expect(try await delegate(bench, from: ada, to: UUID()) == [.unknownReference])
    #expect(try await delegate(bench, from: ada, to: ada) == [.outOfRange])
    #expect(try await delegate(bench, from: ada, to: bo, until: bench.noon) == [.outOfRange])
  }

  @Test("Both see it through the API")
  func shows() async throws {
    let bench = try await bench()
    let set = try await bench.call(as: bench.caller(ada)) { api, context in
      try await api.setDelegation(
        request: .with { ($0.tenant, $0.delegate) = (bench.tenant.text, bo.text) }, context: context)
    }
    #expect(set.own.delegate == bo.text && set.received.isEmpty)
    let seen = try await bench.call(as: bench.caller(bo)) { api, context in
      try await api.getDelegation(request: .with { $0.tenant = bench.tenant.text }, context: context)
    }
    #expect(!seen.hasOwn && seen.received.map(\.approver) == [ada.text])
  }
}
