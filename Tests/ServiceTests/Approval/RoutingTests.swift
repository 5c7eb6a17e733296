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

@Suite("Decision 15: nobody to approve")
struct RoutingTests {
  private let bo = UUID()
  private let cy = UUID()
  private let owner = UUID()
  private let root = UUID()
  private let catalog = UUID()

  private func bench(
    _ stage: Vestibule_Model_V1_ApprovalStage = .asking([.externalSponsors])
  ) async throws -> ApprovalBench {
    let bench = try await ApprovalBench(stage: stage)
    try await bench.take([bench.packageObject(in: catalog)])
    for person in [bench.sponsor, bo, cy, owner, root] { try await bench.follow(person) }
    return bench
  }

  @Test(
    "The last sponsor leaves while requests wait: one item for all, told once; a new sponsor takes it away")
  func lastSponsor() async throws {
    let bench = try await bench()
    let ids = (0..<3).map { _ in UUID() }
    try await bench.open(ids)
    try await bench.route()
    #expect(try await bench.routing().isEmpty)
    for _ in 0..<2 { try await bench.follow(bench.sponsor, leftAt: bench.noon, version: 2) }
    try await bench.follow(bench.sponsor, version: 1)
    for _ in 0..<3 { try await bench.route() }
    let item = try #require(try await bench.routing().first)
    #expect(item.waiting == 3 && item.organization == bench.fabrikam.text && item.version.number == 1)
    #expect(item.gaps.map(\.absences) == [["noExternalSponsor"]])
    #expect(item.actions == [.nameSponsor, .reassign, .deny] && item.routedTo == .tenantAdministrators)
    #expect(try await bench.routed(item.id) == ids.map(\.text))
    #expect(try await bench.toldRouting(.approvalRouted).map(\.id) == [item.id])
    try await bench.open([UUID()])
    try await bench.route()
    #expect(try await bench.routing().map(\.waiting) == [4])
    #expect(try await bench.openItems() == 1)

    try await bench.configure(.asking([.externalSponsors]), sponsors: [bo], version: 2)
    for _ in 0..<2 { try await bench.route() }
    #expect(try await bench.routing().isEmpty)
    #expect(try await bench.openItems() == 0)
    #expect(try await bench.routing(all: true).map(\.state) == [.resolved])
    #expect(try await bench.toldRouting(.approvalRouted).count == 1)
    #expect(try await bench.toldRouting(.approvalRoutingResolved).map(\.id) == [item.id])
    #expect(try await bench.decide(ids[0], by: bench.caller(bo)).get().approval.state == .approved)
  }

  @Test("One per policy and organization, however many look at once")
  func oneEach() async throws {
    let bench = try await bench()
    try await bench.configure(.asking([.externalSponsors]), sponsors: [], version: 2)
    try await bench.open((0..<20).map { _ in UUID() })
    try await bench.open((0..<20).map { _ in UUID() }, organization: .some(nil))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 { group.addTask { try await bench.route() } }
      try await group.waitForAll()
    }
    let items = try await bench.routing()
    #expect(Set(items.map(\.organization)) == [bench.fabrikam.text, ""] && items.count == 2)
    #expect(items.map(\.waiting) == [20, 20])
    #expect(try await bench.openItems() == 2)
    #expect(try await bench.toldRouting(.approvalRouted).count == 2)
  }

  @Test("A stand-in's bar, a group that is emptied, an escalation: it comes and goes by what can be found")
  func comesAndGoes() async throws {
    var stage = Vestibule_Model_V1_ApprovalStage.asking(
      [.externalSponsors, .groupMembers("owners")], fallback: [bo], escalatingTo: [cy])
    stage.durationBeforeEscalation = "P4D"
    let bench = try await bench(stage)
    try await bench.configure(stage, sponsors: [], version: 2)
    let id = try await bench.openOne()
    func items(at instant: Date? = nil) async throws -> Int {
      try await bench.route(at: instant)
      return try await bench.routing().count
    }
    #expect(try await items() == 0)
    try await bench.follow(bo, bar: .init(reason: "", until: bench.noon + .days(1)), version: 2)
    #expect(try await items() == 1)
    #expect(try await items(at: bench.noon + .days(1)) == 0)
    try await bench.follow(bo, bar: .init(reason: "", until: nil), version: 3)
    #expect(try await items() == 1)
    try await bench.group("owners", [cy: 1], areMembers: true)
    #expect(try await items() == 0)
    try await bench.group("owners", [cy: 2], areMembers: false)
    #expect(try await items() == 1)
    try await bench.fireDeadlines(at: bench.noon + .days(4))
    #expect(try await items() == 0)
    try await bench.follow(cy, leftAt: bench.noon, version: 2)
    #expect(try await items() == 1)
    // The timeout runs on.
    try await bench.fireDeadlines(at: bench.noon + .days(14))
    #expect(try await items() == 0)
    #expect(try await bench.state(of: id) == "timedOut")
  }

  @Test(
    "The only sponsor asks for themselves, or named people have gone: nobody decides, until others are named")
  func involved() async throws {
    let bench = try await bench(.asking([.externalSponsors], fallback: [cy]))
    let own = try await bench.openOne(target: bench.sponsor)
    let other = try await bench.openOne()
    try await bench.route()
    let item = try #require(try await bench.routing().first)
    #expect(item.waiting == 1 && item.gaps.map(\.absences) == [["involved"]])
    #expect(try await bench.routed(item.id) == [own.text])
    #expect(try await bench.reassign([own, other], to: [bo], by: root) == [[], []])
    try await bench.route()
    #expect(try await bench.routing().isEmpty)
    try await bench.follow(bo, leftAt: bench.noon, version: 2)
    try await bench.route()
    #expect(try await bench.routing().map(\.waiting) == [2])
    #expect(try await bench.routing().first?.gaps.map(\.absences) == [["approverGone"]])
  }

  @Test("Whoever answers for the catalog denies, and approves only where the policy lets them; not their own")
  func decides() async throws {
    let bench = try await bench()
    try await bench.configure(.asking([.externalSponsors]), sponsors: [], version: 2)
    let ids = (0..<3).map { _ in UUID() }
    try await bench.open(ids)
    let own = try await bench.openOne(target: owner)
    func decide(
      _ id: UUID, _ verdict: ApprovalProcess.Verdict, by role: GrantedRole, as subject: UUID
    ) async throws -> [Reason.Code] {
      try await bench.steward(id, verdict, holding: role, as: subject)
    }
    let (owns, administers) = (
      GrantedRole(role: .catalogOwner, catalog: catalog), GrantedRole(role: .tenantAdministrator)
    )
    let manages = GrantedRole(role: .accessPackageManager, catalog: catalog)
    #expect(try await decide(ids[0], .approve, by: owns, as: owner) == [.notAnApprover])
    #expect(try await decide(ids[0], .deny, by: manages, as: owner) == [.notAnApprover])
    #expect(try await decide(ids[0], .deny, by: owns, as: owner).isEmpty)
    try await bench.letAdministratorsDecide(.asking([.externalSponsors]), version: 3)
    #expect(try await decide(own, .approve, by: owns, as: owner) == [.ownRequest])
    #expect(try await decide(own, .deny, by: owns, as: owner) == [.ownRequest])
    #expect(try await decide(ids[1], .approve, by: administers, as: root).isEmpty)
    try await bench.follow(root, bar: .init(reason: "", until: nil), version: 2)
    #expect(try await decide(ids[2], .approve, by: administers, as: root) == [.subjectBarred])
    let decided = try await bench.told(.approvalCompleted).flatMap(\.stages).flatMap(\.decisions)
    #expect(decided.map(\.capacity) == ["administrator", "administrator"])
    // Somebody can be found again: it is theirs.
    try await bench.configure(.asking([.externalSponsors]), sponsors: [bo], version: 4)
    #expect(try await decide(ids[2], .deny, by: owns, as: owner) == [.notAnApprover])
  }

  @Test(
    "A sponsor who is named, and whoever answers for the catalog, decide the same at once: one of them does")
  func race() async throws {
    let bench = try await bench()
    try await bench.configure(.asking([.externalSponsors]), sponsors: [], version: 2)
    let ids = (0..<20).map { _ in UUID() }
    try await bench.open(ids)
    let owns = GrantedRole(role: .catalogOwner, catalog: catalog)
    async let named: Void = bench.configure(.asking([.externalSponsors]), sponsors: [bo], version: 3)
    for id in ids {
      async let denied = bench.steward(id, .deny, holding: owns, as: owner)
      async let approved = bench.decide(id, by: bench.caller(bo)).codes
      let (left, right) = (try await denied, try await approved)
      #expect(!left.isEmpty || !right.isEmpty)
    }
    try await named
    #expect(try await bench.told(.approvalCompleted).count <= ids.count)
  }

  @Test("Owners see what is of their catalogs, administrators all, others nothing; who they are is told")
  func recipients() async throws {
    let bench = try await bench()
    try await bench.configure(.asking([.externalSponsors]), sponsors: [], version: 2)
    try await bench.take([
      bench.roleObject(root, .tenantAdministrator), bench.roleObject(owner, .catalogOwner, in: catalog),
    ])
    let id = try await bench.openOne()
    try await bench.route()
    let item = try #require(try await bench.routing().first)
    #expect(item.routedTo == .catalogOwners && item.recipients == [owner.text])
    let owns = GrantedRole(role: .catalogOwner, catalog: catalog)
    #expect(try await bench.routing(holding: [owns]).map(\.id) == [item.id])
    #expect(try await bench.routed(item.id, holding: [owns]) == [id.text])
    let others = [GrantedRole(role: .catalogOwner, catalog: UUID())]
    #expect(try await bench.routing(holding: others).isEmpty)
    await #expect(throws: Refusal.notFound) { try await bench.routed(item.id, holding: others) }
    await #expect(throws: Refusal.self) { try await bench.routing(holding: []) }
    try await bench.follow(owner, leftAt: bench.noon, version: 2)
    try await bench.route()
    let moved = try #require(try await bench.routing().first)
    #expect(moved.routedTo == .tenantAdministrators && moved.recipients == [root.text])
    #expect(moved.version.number == 2)
  }

  @Test("Whatever may matter leaves a mark, and what lasts is marked again")
  func marks() async throws {
    let bench = try await bench()
    try await bench.route()
    #expect(try await bench.marks() == 0)
    let id = try await bench.openOne()
    #expect(try await bench.marks() == 1)
    try await bench.follow(bench.sponsor, leftAt: bench.noon, version: 2)
    #expect(try await bench.marks() == 2)
    try await bench.route()
    // Of what lasts, half a minute later.
    #expect(try await bench.marks() == 1)
    _ = try await bench.reassign([id], to: [bo], by: root)
    #expect(try await bench.marks() == 2)
    try await bench.route(at: bench.noon + 60)
    #expect(try await bench.marks() == 0)
  }
}

extension ApprovalBench {
  /// Looks, as the worker does.
  func route(at instant: Date? = nil) async throws {
    let now = instant ?? noon
    try await commit(at: now) { [tenant, cache] work in
      let marks = try RoutingMarkTable(connection: work.connection).due(at: now, limit: 1_000)
      try RouteApprovals(cache: cache)(tenant, work)
      try RoutingMarkTable(connection: work.connection).remove(marks)
    }
  }

  /// What the gauge says.
  func openItems() async throws -> Int { try await CountRouting(transactor: transactor())() }

  func marks() async throws -> Int { try await rows(of: "routing_mark") }

  func fireDeadlines(at instant: Date) async throws {
    try await commit(at: instant) { work in
      let table = DeadlineTable(connection: work.connection)
      let due = try table.claim(at: work.now, limit: 1_000)
      try table.advance(try FireApprovalDeadlines()(due, work))
    }
  }

  private var administers: [GrantedRole] { [GrantedRole(role: .tenantAdministrator)] }

  func routing(
    all: Bool = false, holding roles: [GrantedRole]? = nil
  ) async throws -> [Vestibule_Model_V1_ApprovalRouting] {
    try await call(as: caller(), holding: roles ?? administers) { api, context in
      try await api.listRouting(
        request: .with { ($0.tenant, $0.all) = (tenant.text, all) }, context: context
      ).routing
    }
  }

  func routed(_ id: String, holding roles: [GrantedRole]? = nil) async throws -> [String] {
    try await call(as: caller(), holding: roles ?? administers) { api, context in
      try await api.listRouted(
        request: .with { ($0.tenant, $0.routing) = (tenant.text, id) }, context: context
      ).approvals.map(\.id)
    }
  }

  func steward(
    _ id: UUID, _ verdict: ApprovalProcess.Verdict, holding role: GrantedRole, as subject: UUID
  ) async throws -> [Reason.Code] {
    let caller = Caller(tenant: tenant, subject: subject, organization: nil)
    return try await call(as: caller, holding: [role]) { api, context in
      let results = try await api.decideMany(
        request: .with {
          ($0.tenant, $0.ids) = (tenant.text, [id.text])
          $0.verdict = verdict == .approve ? .approve : .deny
        }, context: context
      ).results
      return results[0].refusal.reasons.compactMap { Reason.Code(rawValue: $0.code) }
    }
  }

  func toldRouting(_ type: EventType) async throws -> [Vestibule_Model_V1_ApprovalRouting] {
    let events = try await database.transaction { connection in
      try connection.values("SELECT events FROM outbox ORDER BY created_at", as: [UInt8].self)
        .flatMap { OutboxRow.decode($0) ?? [] }
    }
    return try events.filter { $0.type == type }
      .map { try Vestibule_Events_V1_ApprovalRoutingEvent(serializedBytes: $0.body).routing }
  }

  func letAdministratorsDecide(_ stage: Vestibule_Model_V1_ApprovalStage, version: Int) async throws {
    var object = policyObject([stage], version: version)
    object.assignmentPolicy.requestApprovalSettings.administratorsMayDecide = true
    try await take([object])
  }

  func roleObject(
    _ subject: UUID, _ role: Vestibule_Model_V1_RoleAssignment.Role, in catalog: UUID? = nil
  ) -> Vestibule_Model_V1_ConfigurationObject {
    .with {
      ($0.id, $0.tenant, $0.name) = (UUID().text, tenant.text, "role")
      $0.version = Vestibule_Model_V1_Version(epoch: 1, number: 1)
      ($0.roleAssignment.subject, $0.roleAssignment.role) = (subject.text, role)
      $0.roleAssignment.catalog = catalog?.text ?? ""
    }
  }
}
