import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Who is in the groups that configuration names")
struct GroupMemberTests {
  @Test("Grants and their end are told of a named group, and of no other", arguments: [false, true])
  func grants(isExternal: Bool) async throws {
    let works: @Sendable () -> Fault? = { nil }
    try await ProvisioningFixture.run(fault: isExternal ? works : nil, roles: ["member", "reader"]) { bench in
      let (before, after) = (bench.person("ana"), bench.person("ben"))
      try await bench.fulfil([bench.request(for: before)])
      try await bench.work(isExternal)
      #expect(try await bench.tellGroups().isEmpty)
      try await bench.nameGroup("wiki")
      #expect(try await bench.tellGroups() == [before.subject: true])
      let asked = bench.request(for: after, term: Term(duration: .days(1)))
      try await bench.fulfil([asked])
      try await bench.work(isExternal)
      #expect(try await bench.tellGroups() == [after.subject: true])
      try await bench.nameGroup("wiki")
      #expect(try await bench.tellGroups().isEmpty)
      let end = try #require(try await bench.assignment(asked.id)?.endsAt)
      bench.advance(by: .days(1))
      try await bench.expire([asked.id], at: end)
      try await bench.work(isExternal)
      #expect(try await bench.tellGroups() == [after.subject: false])
    }
  }

  @Test("Three thousand join at once and are told in six events, and again whenever a reader asks")
  func many() async throws {
    try await ProvisioningFixture.run { bench in
      try await bench.nameGroup("approvers")
      let people = (0..<3_000).map { _ in UUID() }
      #expect(try await bench.change("approvers", adding: people).added == 3_000)
      #expect(try await bench.change("approvers", adding: people).added == 0)
      var told: [Told] = []
      while true {
        let page = try await bench.commit { _ = try TellGroupChanges()($0) }
        if page.isEmpty { break }
        told += page
      }
      #expect(told.count == 6)
      #expect(try Set(told.flatMap { try $0.groupMembers.keys }) == Set(people))
      #expect(try await bench.change("approvers", removing: [people[0]]).removed == 1)
      #expect(try await bench.tellGroups() == [people[0]: false])
      let again = try await bench.republishGroups()
      #expect(again.count == 3_000 && again.count { $0.value } == 2_999)
    }
  }

  @Test("A newly named group loses nobody who joins at the same time")
  func race() async throws {
    try await ProvisioningFixture.run { bench in
      try await bench.nameGroup("other")
      try await bench.register("approvers")
      let people = (0..<60).map { _ in UUID() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, person) in people.enumerated() {
          group.addTask {
            if index == 30 { try await bench.nameGroup("approvers") }
            _ = try await bench.change("approvers", adding: [person])
          }
        }
        try await group.waitForAll()
      }
      #expect(Set(try await bench.tellGroups().keys) == Set(people))
    }
  }

  @Test(
    "A hundred who leave cost what a hundred cost, named or not, however many stay", arguments: [false, true])
  func cost(isNamed: Bool) async throws {
    try await ProvisioningFixture.run { bench in
      try await bench.nameGroup(isNamed ? "approvers" : "other")
      try await bench.register("approvers")
      let people = (0..<3_000).map { _ in UUID() }
      _ = try await bench.change("approvers", adding: people)
      let leaving = people.prefix(100).map { user in
        Membership(tenant: bench.tenant, user: user, resource: "approvers", role: "member")
      }
      let read = try await bench.transactor.commit(tenants: [bench.tenant]) { work in
        let count: SQL = """
          SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_read, 0))::bigint
          FROM pg_stat_xact_user_tables LEFT JOIN (
            SELECT relid, sum(pg_stat_get_xact_tuples_returned(indexrelid)) AS idx_tup_read
            FROM pg_stat_user_indexes GROUP BY relid) i USING (relid)
          WHERE schemaname = 'directory'
          """
        let before = try work.connection.value(count, as: Int.self)
        #expect(try MembershipTable(connection: work.connection).remove(leaving) == 100)
        return try work.connection.value(count, as: Int.self) - before
      }
      #expect((100...1_000).contains(read), "\(read) entries of indexes and rows")
    }
  }

  @Test("By an account that was there before, people are in a group, own it and leave it like all others")
  func foundAccounts() async throws {
    try await ProvisioningFixture.run(roles: ["member", "owner"]) { bench in
      let person = bench.person("ana")
      let ana = person.subject
      try await bench.found(person)
      try await bench.nameGroup("wiki")
      #expect(try await bench.change("wiki", adding: [ana]).added == 1)
      #expect(try await bench.tellGroups() == [ana: true])
      let asked = bench.request(for: person)
      try await bench.fulfil([asked])
      #expect(try await bench.sql("SELECT count(*) FROM directory.membership WHERE person = '\(ana)'") == "3")
      #expect(try await bench.members("wiki", as: bench.principal(ana)) == [ana.text])
      try await bench.fulfil([bench.request(.userRemove, for: person, assignment: asked.id)])
      // She is in it by the administrators' word still.
      #expect(try await bench.tellGroups().isEmpty)
      await #expect(throws: Refusal.notFound) { try await bench.members("wiki", as: bench.principal(ana)) }
      #expect(try await bench.change("wiki", removing: [ana]).removed == 1)
      #expect(try await bench.tellGroups() == [ana: false])

      let again = bench.request(for: person)
      try await bench.fulfil([again])
      #expect(try await bench.tellGroups() == [ana: true])
      #expect(try await bench.change("wiki", adding: [ana]).added == 0)
      // What an assignment gives goes with it alone.
      let held = try await bench.memberships()
      let refusal = await #expect(throws: Refusal.self) {
        try await bench.change("wiki", removing: [UUID(), ana])
      }
      #expect(
        refusal?.reasons.map(\.code) == [.inUse] && refusal?.reasons.first?.hint.contains("1 of them") == true
      )
      #expect(try await bench.memberships() == held)
      try await bench.fulfil([bench.request(.userRemove, for: person, assignment: again.id)])
      #expect(try await bench.tellGroups() == [ana: false])
    }
  }

  @Test("Whoever is no administrator and no owner of the group neither sees nor changes it")
  func permissions() async throws {
    try await ProvisioningFixture.run { bench in
      try await bench.nameGroup("approvers")
      let (owner, member) = (UUID(), UUID())
      _ = try await bench.change("approvers", role: "owner", adding: [owner])
      #expect(try await bench.tellGroups().isEmpty)
      #expect(try await bench.change("approvers", adding: [member], as: bench.principal(owner)).added == 1)
      #expect(try await bench.members("approvers", as: bench.principal(owner)) == [member.text])
      for stranger in [bench.principal(member), bench.principal(owner, tenant: UUID())] {
        await #expect(throws: Refusal.notFound) { try await bench.members("approvers", as: stranger) }
        await #expect(throws: Refusal.notFound) {
          try await bench.change("approvers", removing: [member], as: stranger)
        }
      }
      await #expect(throws: Refusal.notFound) { try await bench.change("nowhere", adding: [member]) }
      await #expect(throws: Refusal.self) {
        try await bench.change("approvers", adding: [member], removing: [member])
      }
    }
  }
}

extension Told {
  fileprivate var groupMembers: [UUID: Bool] {
    get throws {
      let body = try Vestibule_Events_V1_DirectoryGroupEvent(serializedBytes: self.body)
      return Dictionary(
        uniqueKeysWithValues: body.members.map { (UUID(text: $0.subject) ?? UUID(), $0.isMember) })
    }
  }
}

extension ProvisioningFixture {
  fileprivate func work(_ isExternal: Bool) async throws {
    if isExternal { try await work() }
  }

  /// A policy that names the group as its approvers.
  fileprivate func nameGroup(_ group: String) async throws {
    let object = Vestibule_Model_V1_ConfigurationObject.with { object in
      (object.id, object.tenant) = (UUID().text, tenant.text)
      object.assignmentPolicy.requestApprovalSettings.stages = [
        .with { $0.primaryApprovers = [.with { $0.groupMembers.originID = group }] }
      ]
    }
    let event = received(
      .policyChanged, UUID(), Vestibule_Events_V1_ConfigurationEvent.with { $0.object = object })
    try await commit { try FollowNamedGroups()([event], $0) }
  }

  fileprivate func register(_ group: String) async throws {
    try await commit { [tenant] work in
      try DirectoryResourceTable(connection: work.connection).register([
        DirectoryResource(key: .init(tenant: tenant, id: group), kind: "group")
      ])
    }
  }

  /// - Returns: who was told of, and whether as a member.
  fileprivate func tellGroups() async throws -> [UUID: Bool] {
    let told = try await commit { _ = try TellGroupChanges()($0) }
    return try told.filter { $0.type == .directoryGroupChanged }.reduce(into: [:]) {
      try $0.merge($1.groupMembers) { _, newer in newer }
    }
  }

  fileprivate func republishGroups() async throws -> [UUID: Bool] {
    let told = try await commit { work in
      for republisher in Republishers.all where republisher.aggregate == "group" {
        _ = try republisher.page(after: nil, tenant: self.tenant, work)
      }
    }
    return try told.reduce(into: [:]) { try $0.merge($1.groupMembers) { _, newer in newer } }
  }

  fileprivate func principal(_ subject: UUID?, tenant: UUID? = nil, roles: [GrantedRole] = []) -> Principal {
    Principal(
      tenant: tenant ?? self.tenant, subject: subject, organization: nil, issuer: "", externalSubject: "",
      email: nil, isMember: true, isOperator: false, roles: roles, expiresAt: .distantFuture)
  }

  fileprivate func change(
    _ group: String, role: String = "", adding added: [UUID] = [], removing removed: [UUID] = [],
    as caller: Principal? = nil
  ) async throws -> Vestibule_Api_V1_ChangeMembersResponse {
    try await call(as: caller) { api, context in
      try await api.changeMembers(
        request: .with {
          ($0.tenant, $0.group, $0.role) = (tenant.text, group, role)
          ($0.added, $0.removed) = (added.map(\.text), removed.map(\.text))
        }, context: context)
    }
  }

  fileprivate func members(_ group: String, as caller: Principal) async throws -> [String] {
    try await call(as: caller) { api, context in
      try await api.listMembers(
        request: .with { ($0.tenant, $0.group) = (tenant.text, group) }, context: context
      ).subjects
    }
  }

  private func call<Result>(
    as caller: Principal?, _ body: (DirectoryAPI, ServerContext) async throws -> Result
  ) async throws -> Result {
    let context = ServerContext(
      descriptor: MethodDescriptor(fullyQualifiedService: "directory", method: "any"), remotePeer: "test",
      localPeer: "test", cancellation: ServerContext.RPCCancellationHandle())
    let administrator = principal(UUID(), roles: [GrantedRole(role: .tenantAdministrator)])
    let call = CallContext(principal: caller ?? administrator, traceParent: nil, token: "")
    return try await CallContext.$current.withValue(call) {
      try await body(DirectoryAPI(transactor: transactor), context)
    }
  }
}
