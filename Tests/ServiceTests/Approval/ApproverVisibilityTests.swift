import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval

@Suite("Whether whoever asked is told who decided")
struct ApproverVisibilityTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let stage: Vestibule_Model_V1_ApproverInformationVisibility
    let tenant: Vestibule_Model_V1_ApproverInformationVisibility
    let isTold: Bool
    var testDescription: String { "stage \(stage), tenant \(tenant): \(isTold ? "told" : "not told")" }
  }

  static let rows = [
    Row(stage: .default, tenant: .default, isTold: true),
    Row(stage: .default, tenant: .notVisible, isTold: false),
    Row(stage: .visible, tenant: .notVisible, isTold: true),
    Row(stage: .notVisible, tenant: .default, isTold: false),
    Row(stage: .notVisible, tenant: .visible, isTold: false),
  ]

  @Test(
    "The stage says, else the tenant; administrators and those who decided always see it", arguments: rows)
  func visibility(row: Row) async throws {
    var stage = Vestibule_Model_V1_ApprovalStage.asking([.externalSponsors])
    stage.approverInformationVisibility = row.stage
    let bench = try await ApprovalBench(stage: stage)
    try await bench.configureTenant { $0.approverInformationVisibility = row.tenant }
    let id = try await bench.openOne()
    _ = try await bench.decide(id, justification: "Known to us").get()
    let asker = bench.caller(bench.target)
    let seen = try await bench.find(id, as: asker).stages[0].decisions
    #expect(seen.map(\.decidedBy) == [row.isTold ? bench.sponsor.text : ""])
    #expect(seen.map(\.justification) == ["Known to us"])
    let administrator = try await bench.find(
      id, as: asker, holding: [GrantedRole(role: .tenantAdministrator)])
    for sight in [administrator, try await bench.find(id, as: bench.caller())] {
      #expect(sight.stages[0].decisions.map(\.decidedBy) == [bench.sponsor.text])
    }
    try await bench.commit { work in
      _ = try RevokeApproval()(id, bench.caller(), justification: "Over", work)
    }
    let revoked = try await bench.find(id, as: asker).revocation
    #expect(revoked.revokedBy == (row.isTold ? bench.sponsor.text : "") && revoked.justification == "Over")
  }

  @Test("Nor who was named to decide, nor by whom", arguments: rows)
  func reassigned(row: Row) async throws {
    var stage = Vestibule_Model_V1_ApprovalStage.asking([.externalSponsors])
    stage.approverInformationVisibility = row.stage
    let (bench, bo, root) = (try await ApprovalBench(stage: stage), UUID(), UUID())
    try await bench.configureTenant { $0.approverInformationVisibility = row.tenant }
    try await bench.take([bench.packageObject(in: UUID())])
    for person in [bo, root] { try await bench.follow(person) }
    let id = try await bench.openOne()
    #expect(try await bench.reassign([id], to: [bo], by: root) == [[]])
    _ = try await bench.decide(id, by: bench.caller(bo)).get()
    let seen = try await bench.find(id, as: bench.caller(bench.target))
    #expect(seen.stages[0].reassignments.map(\.approvers) == [row.isTold ? [bo.text] : []])
    #expect(seen.stages[0].reassignments.map(\.hasReassignedBy) == [row.isTold])
    #expect(seen.stages[0].reassignments.map(\.justification) == ["On holiday"])
    let text = try seen.jsonString()
    for person in [bo, root] { #expect(text.contains(person.text) == row.isTold) }
    let own = try await bench.find(id, as: bench.caller(bo))
    #expect(own.stages[0].reassignments.map(\.approvers) == [[bo.text]])
  }
}

extension ApprovalBench {
  func configureTenant(_ fill: (inout Vestibule_Model_V1_Tenant) -> Void) async throws {
    var object = Vestibule_Model_V1_ConfigurationObject()
    (object.id, object.tenant, object.name) = (tenant.text, tenant.text, "contoso")
    fill(&object.tenantSettings)
    try await take([object])
  }
}
