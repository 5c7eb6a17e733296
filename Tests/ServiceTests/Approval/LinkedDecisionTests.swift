import EntitlementModel
import Foundation
import Messaging
import Testing

@testable import Approval

@Suite("Deciding by another of one's identities")
struct LinkedDecisionTests {
  @Test("Nobody decides for another of their identities, nor sees it waiting; unlinked they may")
  func ownRequest() async throws {
    let bench = try await ApprovalBench()
    let request = try await bench.openOne()
    try await link(bench, [bench.sponsor, bench.target], version: 1)
    #expect(try await bench.decide(request).codes == [.ownRequest])
    #expect(try await pending(bench).isEmpty)
    try await link(bench, [bench.sponsor, bench.target], as: nil, version: 2)
    #expect(try await pending(bench) == [request])
    #expect(try await bench.decide(request).codes == [])
  }

  @Test("A late word of the link changes nothing after it was taken back")
  func reordered() async throws {
    let bench = try await ApprovalBench()
    let request = try await bench.openOne()
    try await link(bench, [bench.sponsor, bench.target], as: nil, version: 2)
    try await link(bench, [bench.sponsor, bench.target], version: 1)
    #expect(try await bench.decide(request).codes == [])
  }

  @Test("Where two must say yes, two identities of one person count once")
  func quorum() async throws {
    let bench = try await ApprovalBench()
    let (one, other, third) = (UUID(), UUID(), UUID())
    try await bench.configure(
      .asking([.singleUser(one), .singleUser(other), .singleUser(third)], quorum: 2), version: 2)
    try await link(bench, [one, other], version: 1)
    let request = try await bench.openOne()
    #expect(try await bench.decide(request, by: bench.caller(one)).codes == [])
    #expect(try await bench.decide(request, by: bench.caller(other)).codes == [.alreadyDecided])
    #expect(try await bench.decide(request, by: bench.caller(third)).codes == [])
    #expect(try await bench.state(of: request) == "approved")
  }

  @Test("Whoever is barred by one identity decides nothing by another; having left by one does not matter")
  func barred() async throws {
    let bench = try await ApprovalBench()
    let (other, person) = (UUID(), UUID())
    for (version, bar, left) in [(1, Subject.Bar(reason: "x", until: nil), Date?.none), (2, nil, bench.noon)]
    {
      let request = try await bench.openOne()
      try await bench.follow(bench.sponsor, person: person, version: version)
      try await bench.follow(other, bar: bar, leftAt: left, person: person, version: version)
      #expect(try await bench.decide(request).codes == (bar == nil ? [] : [.subjectBarred]))
    }
  }

  @Test("Nor do they take an approval back, nor decide for whom they stand in for; stand-ins decide for them")
  func barredElsewhere() async throws {
    let bench = try await ApprovalBench()
    let (one, other, bo, person) = (UUID(), UUID(), UUID(), UUID())
    try await bench.configure([.asking([.singleUser(one)], fallback: [bench.sponsor])], version: 2)
    for id in [bo, bench.sponsor] { try await bench.follow(id) }
    try await link(bench, [one, other], as: person, version: 1)
    try await bench.commit { work in
      _ = try Delegate()(bench.caller(one), to: bo, from: nil, until: nil, work)
    }
    let (approved, waiting) = (try await bench.openOne(), try await bench.openOne())
    #expect(try await bench.decide(approved, by: bench.caller(bo)).codes == [])
    #expect(try await bench.decide(waiting).codes == [.notAnApprover])
    try await bench.follow(other, bar: .init(reason: "x", until: nil), person: person, version: 2)
    let revoked = await #expect(throws: Refusal.self) {
      try await bench.commit { work in
        _ = try RevokeApproval()(approved, bench.caller(one), justification: "Not any more", work)
      }
    }
    #expect(revoked?.reasons.map(\.code) == [.subjectBarred])
    #expect(try await bench.decide(waiting, by: bench.caller(bo)).codes == [.notAnApprover])
    #expect(try await bench.decide(waiting).codes == [])
    try await bench.follow(other, person: person, version: 3)
    try await bench.commit { work in
      _ = try RevokeApproval()(approved, bench.caller(one), justification: "Not any more", work)
    }
  }

  private func link(
    _ bench: ApprovalBench, _ people: [UUID], as person: UUID? = UUID(), version: Int
  ) async throws {
    for id in people { try await bench.follow(id, person: person, version: version) }
  }

  private func pending(_ bench: ApprovalBench) async throws -> [UUID] {
    let list = ListPending(cache: bench.cache)
    let (caller, noon) = (bench.caller(), bench.noon)
    return try await bench.transactor().read(tenants: [bench.tenant]) { connection in
      try list(caller, after: nil, limit: 10, on: connection, at: noon)
    }.map(\.approval.id)
  }
}
