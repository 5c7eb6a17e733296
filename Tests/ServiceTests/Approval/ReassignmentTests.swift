import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Approval
@testable import Messaging

@Suite("Others are named to decide")
struct ReassignmentTests {
  private let bo = UUID()
  private let cy = UUID()
  private let root = UUID()
  private let catalog = UUID()

  private func bench(_ stages: [Vestibule_Model_V1_ApprovalStage] = [.asking([.externalSponsors])])
    async throws -> ApprovalBench
  {
    let bench = try await ApprovalBench(stages: stages)
    for person in [bo, cy, root, bench.target] { try await bench.follow(person) }
    try await bench.take([bench.packageObject(in: catalog)])
    return bench
  }

  @Test("The tenant's administrator and the catalog's owner may, others do not even learn that there is one")
  func permission() async throws {
    let bench = try await bench()
    let id = try await bench.openOne()
    let allowed: [(GrantedRole, Bool)] = [
      (GrantedRole(role: .accessPackageManager, catalog: catalog), false),
      (GrantedRole(role: .catalogOwner, catalog: UUID()), false),
      (GrantedRole(role: .connectedOrganizationAdministrator), false),
      (GrantedRole(role: .catalogOwner, catalog: catalog), true),
      (GrantedRole(role: .tenantAdministrator), true),
    ]
    for (role, isAllowed) in allowed {
      let codes = try await bench.reassign([id], to: [bo], by: root, holding: [role])[0]
      #expect(codes == (isAllowed ? [] : ["notFound"]), "\(role)")
    }
    let foreigner = Caller(tenant: UUID(), subject: root, organization: nil)
    await #expect(throws: Refusal.notFound) {
      try await bench.call(as: foreigner, holding: [.init(role: .tenantAdministrator)]) { api, context in
        try await api.reassign(
          request: .with { ($0.tenant, $0.ids) = (bench.tenant.text, [id.text]) }, context: context)
      }
    }
  }

  @Test("Whoever is named decides, and sees it; who did is told so; stage, reason and by whom stay on record")
  func decides() async throws {
    let bench = try await bench()
    let id = try await bench.openOne()
    #expect(try await bench.reassign([id], to: [bo], by: root) == [[]])
    #expect(try await bench.decide(id).codes == [.reassigned])
    #expect(try await bench.decide(id, by: bench.caller(cy)).codes == [.notAnApprover])
    #expect(try await bench.listed(by: bench.sponsor).isEmpty)
    #expect(try await bench.listed(by: bo) == [id.text])
    #expect(try await bench.find(id, as: bench.caller(bo)).id == id.text)
    #expect(try await bench.reassign([id], to: [cy], by: root) == [[]])
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes == [.reassigned])
    #expect(try await bench.listed(by: bo).isEmpty)
    let decided = try await bench.decide(id, by: bench.caller(cy)).get()
    #expect(decided.approval.decisions.map(\.capacity) == [.reassigned])
    #expect(try await bench.listed(by: cy).isEmpty)
    let told = try await bench.told(.approvalReassigned)
    #expect(told.map { $0.stages[0].reassignments.last?.approvers } == [[bo.text], [cy.text]])
    #expect(told.last?.stages[0].reassignments.map(\.justification) == ["On holiday", "On holiday"])
    #expect(told.last?.stages[0].reassignments.map(\.reassignedBy.subject) == [root.text, root.text])
    #expect(try await bench.rows(of: "reassigned_approver") == 0)
  }

  @Test(
    "Nobody of whom it is about is named, nobody barred; the delegate of whoever was named decides for them")
  func rules() async throws {
    let bench = try await bench()
    let id = try await bench.openOne()
    #expect(try await bench.reassign([id], to: [bench.target], by: root) == [["ownRequest"]])
    #expect(try await bench.reassign([id], to: [UUID()], by: root) == [["unknownReference"]])
    try await bench.follow(bo, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await bench.reassign([id], to: [bo], by: root) == [["outOfRange"]])
    try await bench.follow(bo, version: 3)
    #expect(try await bench.reassign([id], to: [bo], by: root) == [[]])
    try await bench.commit { work in
      _ = try Delegate()(bench.caller(bo), to: cy, from: .distantPast, until: nil, work)
    }
    #expect(try await bench.listed(by: cy) == [id.text])
    try await bench.follow(bo, bar: .init(reason: "", until: nil), version: 4)
    #expect(try await bench.decide(id, by: bench.caller(bo)).codes.contains(.subjectBarred))
    #expect(!(try await bench.decide(id, by: bench.caller(cy)).codes.isEmpty))
    try await bench.follow(bo, version: 5)
    let decided = try await bench.decide(id, by: bench.caller(cy)).get().approval.decisions
    #expect(decided.map(\.onBehalfOf) == [bo] && decided.map(\.capacity) == [.reassigned])
  }

  @Test("A decision and a reassignment at once: one is first, and the other is told so", arguments: 1...8)
  func race(round: Int) async throws {
    let bench = try await bench()
    let ids = (0..<50).map { _ in UUID() }
    try await bench.open(ids)
    async let decided = bench.decideMany(ids)
    async let reassigned = bench.reassign(ids, to: [bo], by: root)
    let (decisions, reassignments) = (try await decided, try await reassigned)
    for (index, id) in ids.enumerated() {
      let refused = decisions[index].refusal.reasons.map(\.code)
      if refused.isEmpty {
        #expect(reassignments[index] == ["alreadyDecided"], "\(round)")
        #expect(try await bench.state(of: id) == "approved")
      } else {
        #expect(refused == ["reassigned"] && reassignments[index].isEmpty, "\(round)")
        #expect(try await bench.state(of: id) == "pending")
      }
    }
    let told = try await bench.told(.approvalCompleted).count + bench.told(.approvalReassigned).count
    #expect(told == ids.count)
  }

  @Test("Many at once: each has its answer, and the same call again changes nothing")
  func bulk() async throws {
    let bench = try await bench()
    let ids = (0..<1_200).map { _ in UUID() }
    try await bench.open(ids)
    _ = try await bench.decide(ids[0], .deny).get()
    for _ in 0..<2 {
      let answers = try await bench.reassign(ids + [ids[1]], to: [bo, cy], by: root)
      #expect(answers[0] == ["alreadyDecided"] && answers.count == 1_201)
      #expect(answers[1...].allSatisfy { $0.isEmpty })
    }
    #expect(try await bench.told(.approvalReassigned).count == 1_199)
    await #expect(throws: Refusal.self) {
      try await bench.reassign((0...10_000).map { _ in UUID() }, to: [bo], by: root)
    }
  }

  @Test("The next stage asks whom its policy says; what was to be escalated is not, and times out")
  func clock() async throws {
    let bench = try await bench([
      .asking([.externalSponsors], within: "P14D", escalatingTo: [cy]), .asking([.singleUser(cy)]),
    ])
    let (id, idle) = (try await bench.openOne(), try await bench.openOne())
    #expect(try await bench.reassign([id, idle], to: [bo], by: root) == [[], []])
    #expect(try await bench.dueAt(of: idle) == bench.noon + .days(14))
    let decided = try await bench.decide(id, by: bench.caller(bo)).get()
    #expect(decided.approval.currentStage == 1)
    #expect(try await bench.listed(by: cy) == [id.text])
    #expect(try await bench.decide(id, by: bench.caller(cy)).get().approval.state == .approved)
  }
}

extension ApprovalBench {
  /// The package of all requests, in a catalog.
  func packageObject(in catalog: UUID) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (package.text, tenant.text, "phoenix")
      $0.version = Vestibule_Model_V1_Version(epoch: 1, number: 1)
      ($0.accessPackage.catalog, $0.accessPackage.displayName) = (catalog.text, "Phoenix")
    }
  }

  /// - Returns: for each of them, why it was not done.
  func reassign(
    _ ids: [UUID], to approvers: [UUID], by subject: UUID,
    holding roles: [GrantedRole] = [.init(role: .tenantAdministrator)]
  ) async throws -> [[String]] {
    let caller = Caller(tenant: tenant, subject: subject, organization: nil)
    return try await call(as: caller, holding: roles) { api, context in
      try await api.reassign(
        request: .with {
          ($0.tenant, $0.ids, $0.approvers) = (tenant.text, ids.map(\.text), approvers.map(\.text))
          $0.justification = "On holiday"
        }, context: context
      ).results.map { $0.refusal.reasons.map(\.code) }
    }
  }

  func dueAt(of id: UUID) async throws -> Date? {
    try await transactor().read(tenants: [tenant]) { connection in
      try connection.values("SELECT due_at FROM deadline WHERE aggregate = \(id)", as: Date.self).first
    }
  }

  func rows(of table: String) async throws -> Int {
    try await transactor().read(tenants: [tenant]) { connection in
      try connection.value("SELECT count(*) FROM \(unsafe: table)", as: Int.self)
    }
  }
}
