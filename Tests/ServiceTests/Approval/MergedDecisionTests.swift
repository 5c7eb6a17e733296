import EntitlementModel
import Foundation
import Messaging
import Testing

@testable import Approval

@Suite("Deciding what a merged identity might decide")
struct MergedDecisionTests {
  private let old = UUID()

  private func caller(_ bench: ApprovalBench) -> Caller {
    Caller(tenant: bench.tenant, subject: UUID(), merged: [old], organization: bench.fabrikam)
  }

  @Test("The survivor sees and decides in the merged one's capacity, in their own name")
  func decides() async throws {
    let bench = try await ApprovalBench()
    try await bench.configure([.asking([.externalSponsors])], sponsors: [old], version: 2)
    let (request, caller) = (try await bench.openOne(), caller(bench))
    #expect(try await pending(bench, caller) == [request])
    let decided = try await bench.decide(request, by: caller).get().approval.decisions
    #expect(decided.map(\.by) == [caller.subject] && decided.map(\.capacity) == [.externalSponsor])
    #expect(decided.map(\.onBehalfOf) == [nil])
  }

  @Test("What the merged one has decided the survivor does not decide again, nor what is for either")
  func own() async throws {
    let bench = try await ApprovalBench()
    try await bench.configure(
      [.asking([.singleUser(old), .singleUser(bench.sponsor)], quorum: 2)], version: 2)
    let caller = caller(bench)
    for id in [old, caller.subject] { try await bench.follow(id, person: old, version: 1) }
    let request = try await bench.openOne()
    #expect(try await bench.decide(request, by: bench.caller(old)).codes == [])
    #expect(try await bench.decide(request, by: caller).codes == [.alreadyDecided])
    let theirs = try await bench.openOne(target: old)
    #expect(try await bench.decide(theirs, by: caller).codes == [.ownRequest])
    #expect(try await !pending(bench, caller).contains(theirs))
  }

  private func pending(_ bench: ApprovalBench, _ caller: Caller) async throws -> [UUID] {
    let (list, noon) = (ListPending(cache: bench.cache), bench.noon)
    return try await bench.transactor().read(tenants: [bench.tenant]) { connection in
      try list(caller, after: nil, limit: 10, on: connection, at: noon)
    }.map(\.approval.id)
  }
}
