import EntitlementModel
import Foundation
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

@Suite struct EndOfAccessTests {
  @Test("Why access was taken is kept, whatever it was", arguments: Assignment.EndReason.allCases)
  func reasons(reason: Assignment.EndReason) async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await service.fulfil([request])
      let removal = AccessRequest(
        id: UUID(), tenant: service.tenant, version: 1, kind: .systemRemove, state: .delivering,
        status: .delivering, target: person, requestor: person.subject, accessPackage: service.package,
        assignmentPolicy: nil, organization: nil, assignment: request.id, justification: "",
        endReason: reason, startsAt: nil, term: Term(), createdAt: service.now, completedAt: nil)
      try await service.fulfil([removal])
      let ended = try await service.assignment(request.id)
      #expect(ended?.state == .expired && ended?.endReason == reason)
    }
  }

  @Test("When its time is up access goes, and the guest is blocked with a day of deletion")
  func expires() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await service.fulfil([request])
      let end = try #require(try await service.assignment(request.id)?.endsAt)
      #expect(try await service.expire([request.id], at: end - .days(1)).isEmpty)
      let told = try await service.expire([request.id], at: end)
      #expect(told.map(\.type) == [.assignmentExpired, .guestBlocked])
      #expect(try await service.assignment(request.id)?.state == .expired)
      let guest = try #require(try await service.guest(person.subject))
      #expect(guest.state == .blocked)
      #expect(guest.deleteDueAt?.microseconds == (service.now + .days(30)).microseconds)
      #expect(try await service.memberships() == 0)
      #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "f")
      #expect(try await service.sql("SELECT count(*) FROM entitlement") == "0")
    }
  }

  @Test("On the day of deletion the account goes; a day that has moved since says nothing")
  func deletes() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.endAccess(of: person)
      let day = try #require(try await service.guest(person.subject)?.deleteDueAt)
      #expect(try await service.delete(person.subject, at: day - .days(1)).isEmpty)
      #expect(try await service.delete(person.subject, at: day).map(\.type) == [.guestDeleted])
      #expect(try await service.guest(person.subject)?.state == .deleted)
      #expect(try await service.sql("SELECT count(*) FROM directory.user") == "0")
    }
  }

  @Test("An approval revives a blocked guest")
  func revives() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.endAccess(of: person)
      let day = try #require(try await service.guest(person.subject)?.deleteDueAt)
      let told = try await service.fulfil([service.request(for: person)])
      #expect(told.map(\.type) == [.guestRevived, .assignmentDelivered])
      #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "t")
      #expect(try await service.delete(person.subject, at: day).isEmpty)
    }
  }

  @Test("An approval invites a deleted guest anew")
  func invitesAnew() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.endAccess(of: person)
      let day = try #require(try await service.guest(person.subject)?.deleteDueAt)
      try await service.delete(person.subject, at: day)
      let told = try await service.fulfil([service.request(for: person)])
      #expect(told.map(\.type) == [.guestInvited, .assignmentDelivered])
      #expect(try await service.memberships() == 1)
    }
  }

  @Test("A deletion and an approval that race end in one live guest", arguments: 0..<5)
  func races(_: Int) async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.endAccess(of: person)
      let day = try #require(try await service.guest(person.subject)?.deleteDueAt)
      async let deletion = service.delete(person.subject, at: day)
      async let approval = service.fulfil([service.request(for: person)])
      _ = try await (deletion, approval)
      let guest = try #require(try await service.guest(person.subject))
      #expect(guest.state == .active && guest.liveAssignments == 1)
      #expect(try await service.sql("SELECT count(*) FROM directory.user WHERE is_enabled") == "1")
      #expect(try await service.memberships() == 1)
    }
  }

  @Test("A request whose removal came first gives nothing")
  func staysRemoved() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let add = service.request(for: person)
      let removal = service.request(.adminRemove, for: person, assignment: add.id)
      let told = try await service.fulfil([removal])
      #expect(told.map(\.type) == [.assignmentRemoved])
      #expect(try await service.fulfil([add]).isEmpty)
      #expect(try await service.memberships() == 0)
    }
  }

  @Test("An undecided request postpones the block until it is closed")
  func waitsForDecisions() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let (add, pending) = (service.request(for: person), service.request(for: person))
      try await service.fulfil([add])
      let follow = FollowRequests(settle: service.settle)
      let submitted = service.event(pending, .requestSubmitted)
      try await service.commit { try follow([submitted], $0) }
      try await service.fulfil([service.request(.userRemove, for: person, assignment: add.id)])
      #expect(try await service.guest(person.subject)?.state == .active)
      let denied = service.received(.requestDenied, pending.id, number: 2, submitted.body)
      #expect(try await service.commit { try follow([denied], $0) }.map(\.type) == [.guestBlocked])
    }
  }

  @Test("A request that waits for its start postpones the block until it is taken back")
  func waitsForStart() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let (add, later) = (service.request(for: person), service.request(for: person))
      try await service.fulfil([add])
      let scheduled = service.event(later, .requestScheduled)
      try await service.follow([scheduled])
      try await service.fulfil([service.request(.userRemove, for: person, assignment: add.id)])
      #expect(try await service.guest(person.subject)?.state == .active)
      let canceled = service.received(.requestCanceled, later.id, number: 2, scheduled.body)
      #expect(try await service.follow([canceled]).map(\.type) == [.guestBlocked])
    }
  }

  @Test(
    "A request that waits for its start cancels the deletion, and taken back lets it come after all, in any order",
    arguments: [[0, 0], [0, 1, 1], [1, 0], [1, 0, 1, 0]])
  func startCancelsDeletion(order: [Int]) async throws {
    try await ProvisioningFixture.run { service in
      let (person, days) = (service.person(), 40)
      try await service.endAccess(of: person)
      let blocked = try #require(try await service.guest(person.subject))
      #expect(blocked.deleteDueAt != nil)
      let later = service.request(for: person)
      let scheduled = service.event(later, .requestScheduled)
      let canceled = service.received(.requestCanceled, later.id, number: 2, scheduled.body)
      for index in order { try await service.follow([[scheduled, canceled][index]]) }
      let guest = try #require(try await service.guest(person.subject))
      if order.contains(1) {
        #expect(guest.deleteDueAt == blocked.deleteDueAt)
      } else {
        #expect(guest.state == .blocked && guest.deleteDueAt == nil)
        service.advance(by: .days(days))
        let day = try #require(blocked.deleteDueAt)
        #expect(try await service.delete(person.subject, at: day).isEmpty)
        try await service.follow([canceled])
        #expect(try await service.guest(person.subject)?.deleteDueAt == service.now + .days(7))
      }
    }
  }

  @Test("Told that it waits for its start after it has begun, nothing waits any more")
  func startIsToldLate() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await service.fulfil([request])
      try await service.follow([service.event(request, .requestScheduled)])
      let told = try await service.fulfil([
        service.request(.userRemove, for: person, assignment: request.id)
      ])
      #expect(told.map(\.type).contains(.guestBlocked))
    }
  }

  @Test("A guest whom an undecided request kept is blocked when it can not be delivered")
  func waitsInVain() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let (add, pending) = (service.request(for: person), service.request(for: person))
      try await service.fulfil([add])
      let (follow, submitted) = (
        FollowRequests(settle: service.settle), service.event(pending, .requestSubmitted)
      )
      try await service.commit { try follow([submitted], $0) }
      try await service.fulfil([service.request(.userRemove, for: person, assignment: add.id)])
      try await service.deny(domain: "fabrikam.example")
      try await service.fulfil([pending])
      #expect(try await service.assignment(pending.id)?.failure == .domainDenied)
      #expect(try await service.guest(person.subject)?.state == .blocked)
    }
  }

  @Test("What was there before us stays with an account that we did not make")
  func keepsFound() async throws {
    try await ProvisioningFixture.run(roles: ["reader", "writer"]) { service in
      let (person, account) = (service.person(), UUID())
      _ = try await service.sql(
        """
        INSERT INTO directory.user VALUES ('\(service.tenant)', '\(account)', '\(person.email)', '\(person.email)',
          'Ana', true, 'somebody else');
        INSERT INTO directory.membership VALUES ('\(service.tenant)', '\(account)', 'wiki', 'reader')
        """)
      let request = service.request(for: person)
      try await service.fulfil([request])
      #expect(try await service.guest(person.subject)?.isGoverned == false)
      #expect(try await service.memberships() == 2)
      try await service.fulfil([service.request(.userRemove, for: person, assignment: request.id)])
      #expect(try await service.sql("SELECT role FROM directory.membership") == "reader")
      #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "t")
    }
  }

  @Test("A governed guest's found role is adopted: it goes with the last claim")
  func adoptsFound() async throws {
    try await ProvisioningFixture.run(roles: ["reader"]) { service in
      let person = service.person()
      _ = try await service.sql(
        "INSERT INTO directory.membership VALUES ('\(service.tenant)', '\(person.subject)', 'wiki', 'reader')"
      )
      let request = service.request(for: person)
      try await service.fulfil([request])
      #expect(try await service.sql("SELECT provenance FROM entitlement") == "found")
      try await service.fulfil([service.request(.userRemove, for: person, assignment: request.id)])
      #expect(try await service.memberships() == 0)
    }
  }
}

extension ProvisioningFixture {
  @discardableResult
  func follow(_ events: [Received<Vestibule_Events_V1_RequestEvent>]) async throws -> [Told] {
    let follow = FollowRequests(settle: settle)
    return try await commit { try follow(events, $0) }
  }

  /// Gives access and takes it away again.
  func endAccess(of person: Target) async throws {
    let add = request(for: person)
    try await fulfil([add])
    try await fulfil([request(.userRemove, for: person, assignment: add.id)])
  }
}
