import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Decision 15: the health of approvals")
struct HealthTests {
  private let bo = UUID()

  @Test("Policies whose approvers are gone and organizations without two sponsors, before anything waits")
  func report() async throws {
    let bench = try await ApprovalBench(stage: .asking([.externalSponsors], fallback: [bo]))
    #expect(try await bench.health().deadStages.isEmpty)
    #expect(try await bench.health().organizations.map(\.sponsors) == [1])
    try await bench.follow(bo, bar: .init(reason: "", until: nil))
    let nobody = try await bench.health().deadStages
    #expect(nobody.map(\.assignmentPolicy) == [bench.policy.text] && nobody.map(\.stage) == [1])
    #expect(nobody.map(\.isForPeopleOfNoOrganization) == [true] && nobody[0].organizations.isEmpty)
    try await bench.follow(bench.sponsor, leftAt: bench.noon)
    let dead = try #require(try await bench.health().deadStages.first)
    #expect(dead.absences == ["approverGone", "noExternalSponsor"] && dead.organizationCount == 1)
    #expect(dead.organizations == [bench.fabrikam.text])
    #expect(try await bench.health().organizations.map(\.sponsors) == [0])
    _ = try await bench.openOne()
    try await bench.route()
    #expect(try await bench.health().openRouting == 1)
    try await bench.configure(.asking([.externalSponsors]), sponsors: [UUID(), UUID()], version: 2)
    try await bench.route()
    let healed = try await bench.health()
    #expect(healed.organizations.isEmpty && healed.openRouting == 0)
  }

  @Test("For administrators alone")
  func permission() async throws {
    let bench = try await ApprovalBench()
    for role in [GrantedRole(role: .catalogOwner, catalog: UUID()), .init(role: .catalogCreator)] {
      await #expect(throws: Refusal.self) { try await bench.health(holding: role) }
    }
    let foreigner = Caller(tenant: UUID(), subject: bo, organization: nil)
    await #expect(throws: Refusal.notFound) {
      try await bench.call(as: foreigner, holding: [.init(role: .tenantAdministrator)]) { api, context in
        try await api.getHealth(request: .with { $0.tenant = bench.tenant.text }, context: context)
      }
    }
  }
}

extension ApprovalBench {
  func health(
    holding role: GrantedRole = .init(role: .tenantAdministrator)
  ) async throws -> Vestibule_Api_V1_ApprovalHealth {
    try await call(as: caller(), holding: [role]) { api, context in
      try await api.getHealth(request: .with { $0.tenant = tenant.text }, context: context)
    }
  }
}
