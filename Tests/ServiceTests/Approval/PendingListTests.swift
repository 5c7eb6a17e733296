import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("What waits for somebody's decision")
struct PendingListTests {
  @Test("A sponsor sees what concerns the organization, oldest first, page by page")
  func pages() async throws {
    let bench = try await ApprovalBench()
    let ids = (0..<25).map { _ in UUID() }
    try await bench.open(ids)
    try await bench.open([UUID()], organization: .some(nil))
    try await bench.open([UUID()], target: bench.sponsor)
    var (seen, token): ([String], String) = ([], "")
    repeat {
      let page = try await bench.list(as: bench.caller(), size: 10, token: token)
      seen += page.approvals.map(\.id)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(seen == ids.map(\.text))
  }

  @Test("A named approver sees everything under the policy, a fallback only what has no sponsor")
  func capacities() async throws {
    let (named, fallback) = (UUID(), UUID())
    let bench = try await ApprovalBench(stage: .asking([.singleUser(named)]))
    let (partners, nobodys) = (UUID(), UUID())
    try await bench.open([partners])
    try await bench.open([nobodys], organization: .some(nil))
    #expect(Set(try await bench.listed(by: named)) == [partners.text, nobodys.text])
    try await bench.configure(.asking([.externalSponsors], fallback: [fallback]), version: 2)
    #expect(try await bench.listed(by: named).isEmpty)
    #expect(try await bench.listed(by: fallback) == [nobodys.text])
    try await bench.follow(bench.sponsor, leftAt: bench.noon)
    #expect(Set(try await bench.listed(by: fallback)) == [partners.text, nobodys.text])
    #expect(try await bench.listed(by: bench.sponsor).isEmpty)
  }

  @Test("What is decided waits no more")
  func leavesList() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    #expect(try await bench.listed(by: bench.sponsor) == [id.text])
    _ = try await bench.decide(id)
    #expect(try await bench.listed(by: bench.sponsor).isEmpty)
  }

  @Test("One approval is shown to those whom it concerns, and to nobody else")
  func finds() async throws {
    let bench = try await ApprovalBench()
    let id = try await bench.openOne()
    for subject in [bench.target, bench.sponsor] {
      #expect(try await bench.find(id, as: bench.caller(subject)).id == id.text)
    }
    await #expect(throws: Refusal.notFound) { try await bench.find(id, as: bench.caller(UUID())) }
    let foreigner = Caller(tenant: UUID(), subject: bench.sponsor, organization: bench.fabrikam)
    await #expect(throws: Refusal.notFound) { try await bench.find(id, as: foreigner) }
  }

  @Test("Sizes and tokens that are none are refused", arguments: [(-1, ""), (1_001, ""), (1, "nonsense")])
  func refusesPages(size: Int32, token: String) async throws {
    let bench = try await ApprovalBench()
    await #expect(throws: Refusal.self) { try await bench.list(as: bench.caller(), size: size, token: token) }
  }
}

extension ApprovalBench {
  func list(
    as caller: Caller, size: Int32, token: String = ""
  ) async throws -> Vestibule_Api_V1_ListPendingResponse {
    try await call(as: caller) { api, context in
      try await api.listPending(
        request: .with {
          $0.tenant = tenant.text
          ($0.page.pageSize, $0.page.pageToken) = (size, token)
        }, context: context)
    }
  }

  func listed(by subject: UUID) async throws -> [String] {
    try await list(as: caller(subject), size: 0).approvals.map(\.id)
  }

  func find(
    _ id: UUID, as caller: Caller, holding roles: [GrantedRole] = []
  ) async throws -> Vestibule_Model_V1_Approval {
    try await call(as: caller, holding: roles) { api, context in
      try await api.get(request: .with { ($0.tenant, $0.id) = (tenant.text, id.text) }, context: context)
    }
  }
}
