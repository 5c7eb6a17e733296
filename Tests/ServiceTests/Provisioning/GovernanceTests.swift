import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Governed and ungoverned guests")
struct GovernanceTests {
  @Test("Put under governance, a guest loses what was found; taken out again, keeps it")
  func foundAccess() async throws {
    for isGoverned in [true, false] {
      try await ProvisioningFixture.run(roles: ["reader"]) { service in
        let person = service.person()
        try await service.found(person)
        let request = service.request(for: person)
        try await service.fulfil([request])
        #expect(try await govern(service, [person], true).map(\.type) == [.guestLifecycleChanged])
        if !isGoverned { try await govern(service, [person], false) }
        try await service.fulfil([service.request(.userRemove, for: person, assignment: request.id)])
        #expect(try await service.memberships() == (isGoverned ? 0 : 1))
        let guest = try await service.guest(person.subject)
        #expect(guest?.presence == (isGoverned ? .blocked : .active))
        #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "t")
      }
    }
  }

  @Test("An idle guest goes from then on; said again it changes and tells nothing")
  func idle() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.fulfil([service.request(for: person)])
      try await govern(service, [person], false)
      try await service.endAccess(of: person)
      try await service.sql("UPDATE assignment SET state = 'expired', ended_at = now()")
      try await service.sql("UPDATE guest SET live_assignments = 0")
      let told = try await govern(service, [person], true)
      #expect(told.map(\.type) == [.guestLifecycleChanged])
      #expect(try await govern(service, [person], true).isEmpty)
      let due = try #require(try await service.guest(person.subject)?.blockDueAt)
      #expect(due.isSameInstant(as: service.now + .days(7)))
    }
  }

  @Test("Whoever does not manage assignments may not; nor is anything said of strangers")
  func permissions() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.fulfil([service.request(for: person)])
      await #expect(throws: Refusal.self) { try await govern(service, [person], true, roles: []) }
      await #expect(throws: Refusal.self) {
        try await govern(service, [person, service.person("nobody")], true)
      }
      #expect(try await service.guest(person.subject)?.isLifecycleChosen == false)
    }
  }

  @Test("There is no zombie after access, its end and the deletion; one that is made up is counted")
  func zombies() async throws {
    try await ProvisioningFixture.run { service in
      let people = (0..<3).map { service.person("p\($0)") }
      let requests = people.map { service.request(for: $0) }
      try await service.fulfil(requests)
      try await service.fulfil(
        requests.prefix(2).map {
          service.request(.userRemove, for: $0.target, assignment: $0.id)
        })
      #expect(try await zombies(service).isEmpty)
      service.advance(by: .days(1))
      #expect(try await zombies(service).isEmpty)
      try await service.sql(
        "UPDATE guest SET presence = 'active', delete_due_at = NULL WHERE id = '\(people[0].subject.text)'")
      #expect(try await zombies(service) == [[people[0].subject], [people[0].subject]])
      // Blocked, but never to be deleted.
      try await service.sql(
        "UPDATE guest SET presence = 'blocked', delete_due_at = NULL WHERE id = '\(people[0].subject.text)'")
      #expect(try await zombies(service) == [[people[0].subject], [people[0].subject]])
      // A wrong count hides nobody from whoever looks at the assignments.
      try await service.sql("UPDATE guest SET live_assignments = 1 WHERE id = '\(people[0].subject.text)'")
      #expect(try await zombies(service) == [[], [people[0].subject]])
    }
  }

  @Test("What became idle a moment ago does not count yet, nor does whoever waits for a decision")
  func patience() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.endAccess(of: person)
      try await service.sql("UPDATE guest SET presence = 'active', delete_due_at = NULL")
      #expect(try await zombies(service).isEmpty)
      service.advance(by: .days(1))
      #expect(try await zombies(service).isEmpty == false)
      let (follow, pending) = (FollowRequests(settle: service.settle), service.request(for: person))
      let submitted = service.event(pending, .requestSubmitted)
      try await service.commit { try follow([submitted], $0) }
      #expect(try await zombies(service).isEmpty)
    }
  }

  @Test("A change of the settings says how many guests it moved")
  func retimings() async throws {
    try await ProvisioningFixture.run { service in
      for index in 0..<3 { try await service.endAccess(of: service.person("p\(index)")) }
      try await service.settings(.blockSignInAndDelete, days: 60, number: 1)
      try await service.settings(.blockSignInAndDelete, days: 60, number: 2)
      let changes = try await service.transactor.read(tenants: [service.tenant]) {
        [tenant = service.tenant] in
        try LifecycleChangeTable(connection: $0).list(of: tenant, limit: 10)
      }
      #expect(changes.map(\.retimed) == [0, 3])
    }
  }

  @Test("Settings that are told again, known or older, move no day")
  func repeatedSettings() async throws {
    try await ProvisioningFixture.run { service in
      try await service.endAccess(of: service.person())
      try await service.settings(.blockSignInAndDelete, days: 30, number: 1)
      try await service.settings(.blockSignInAndDelete, days: 1, number: 2)
      let day = try await service.sql("SELECT delete_due_at FROM provisioning.guest")
      try await service.settings(.blockSignInAndDelete, days: 1, number: 2)
      try await service.settings(.blockSignInAndDelete, days: 30, number: 1)
      #expect(try await service.sql("SELECT delete_due_at FROM provisioning.guest") == day)
    }
  }

  @Test("Why and when: access, its end, the deletion")
  func outlook() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await service.fulfil([request])
      let held = try await outlook(service, person)
      let end = try #require(try await service.assignment(request.id)?.endsAt)
      #expect(held.why == .accessEnds)
      #expect(
        [held.accessEndsAt, held.blockAt, held.deleteAt].map { $0?.microseconds }
          == [end, end, end + .days(30)].map(\.microseconds))
      try await service.fulfil([service.request(.userRemove, for: person, assignment: request.id)])
      let ended = try await outlook(service, person)
      #expect(ended.why == .deletionScheduled)
      #expect(ended.deleteAt?.isSameInstant(as: service.now + .days(30)) == true)
    }
  }

  @discardableResult
  private func govern(
    _ service: ProvisioningFixture, _ people: [Target], _ isGoverned: Bool,
    roles: [GrantedRole] = [GrantedRole(role: .tenantAdministrator)]
  ) async throws -> [Told] {
    let permission = Permission(principal: service.caller(roles), tenant: service.tenant)
    let (govern, ids, tenant) = (
      GovernGuests(settle: service.settle), Set(people.map(\.subject)), service.tenant
    )
    return try await service.commit {
      _ = try govern(ids, isGoverned: isGoverned, tenant: tenant, permission, $0)
    }
  }

  /// By the guests' own counts, and by every assignment; empty when both find nobody.
  private func zombies(_ service: ProvisioningFixture) async throws -> [[UUID]] {
    let (find, tenant, now) = (FindZombies(cache: service.settle.cache), service.tenant, service.now)
    let found = try await service.transactor.read(tenants: [tenant]) { connection in
      try [true, false].map {
        try find(of: [tenant], trustsCounts: $0, limit: 10, at: now, on: connection)
      }
    }
    return found.allSatisfy(\.isEmpty) ? [] : found
  }

  private func outlook(_ service: ProvisioningFixture, _ person: Target) async throws -> GuestOutlook {
    let (describe, tenant) = (DescribeOutlook(cache: service.settle.cache), service.tenant)
    return try await service.transactor.read(tenants: [tenant]) { connection in
      try describe(person.subject, tenant: tenant, on: connection).1
    }
  }
}
