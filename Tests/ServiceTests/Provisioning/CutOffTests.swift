import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Cutting somebody off, and lifting it")
struct CutOffTests {
  @Test("Accounts are blocked at once and enabled again, ours and found ones; access stays")
  func accounts() async throws {
    for isFound in [false, true] {
      try await ProvisioningFixture.run { service in
        let person = service.person()
        if isFound { try await service.found(person) }
        try await service.fulfil([service.request(for: person)])
        #expect(try await tell(service, person, version: 2, isCutOff: true).map(\.type) == [.guestBlocked])
        #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "f")
        #expect(try await service.memberships() == 1)
        #expect(try await tell(service, person, version: 3, isCutOff: false).map(\.type) == [.guestRevived])
        #expect(try await service.sql("SELECT is_enabled FROM directory.user") == "t")
      }
    }
  }

  @Test("Duplicates say nothing, nor does the cut-off that comes after it was lifted")
  func reordered() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.fulfil([service.request(for: person)])
      try await tell(service, person, version: 2, isCutOff: true)
      #expect(try await tell(service, person, version: 2, isCutOff: true).isEmpty)
      try await tell(service, person, version: 3, isCutOff: false)
      #expect(try await tell(service, person, version: 2, isCutOff: true).isEmpty)
      #expect(try await service.guest(person.subject)?.presence == .active)
      // Sessions stay ended.
      #expect(try await service.sql("SELECT count(*) FROM session_not_before") == "1")
    }
  }

  @Test("Whose access ends while cut off is deleted in time, and is no zombie")
  func lifecycle() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await service.fulfil([request])
      try await tell(service, person, version: 2, isCutOff: true)
      try await service.fulfil([service.request(.adminRemove, for: person, assignment: request.id)])
      let due = try #require(try await service.guest(person.subject)?.deleteDueAt)
      service.advance(by: .days(1))
      let (find, tenant, now) = (FindZombies(cache: service.settle.cache), service.tenant, service.now)
      let zombies = try await service.transactor.read(tenants: [tenant]) {
        try find(of: [tenant], trustsCounts: false, limit: 10, at: now, on: $0)
      }
      #expect(zombies.isEmpty)
      #expect(try await service.delete(person.subject, at: due).map(\.type) == [.guestDeleted])
    }
  }

  @Test("A bar of any identity keeps what the person was granted from being delivered, however it was told")
  func linkedBar() async throws {
    for isBarToldFirst in [true, false] {
      try await ProvisioningFixture.run { service in
        let (ana, anna) = (service.person("ana"), service.person("anna"))
        let person = ana.subject
        let bar = Subject.Bar(reason: "x", until: service.now + .days(10))
        let links: [() async throws -> Void] = [
          { try await tell(service, anna, version: 3, isCutOff: false, person: person, bar: bar) },
          { try await tell(service, ana, version: 2, isCutOff: false, person: person) },
          { try await tell(service, anna, version: 2, isCutOff: false, person: person) },
        ]
        for link in isBarToldFirst ? links : links.reversed() { try await link() }
        let asked = service.request(for: ana)
        try await service.fulfil([asked])
        #expect(try await service.assignment(asked.id)?.failure == .subjectBarred)
        service.advance(by: .days(11))
        let again = service.request(for: ana)
        try await service.fulfil([again])
        #expect(try await service.assignment(again.id)?.failure == nil)
      }
    }
  }

  @discardableResult
  private func tell(
    _ service: ProvisioningFixture, _ person: Target, version: Int, isCutOff: Bool,
    person linked: UUID? = nil,
    bar: Subject.Bar? = nil
  ) async throws -> [Told] {
    var subject = Subject(
      id: person.subject, tenant: service.tenant, version: version, email: person.email,
      displayName: person.displayName, kind: .external, identities: [], bar: bar, person: linked,
      sessionsNotBefore: service.now)
    if isCutOff { subject.cutOffAt = service.now }
    let event = service.received(
      .subjectChanged, person.subject, number: version,
      Vestibule_Events_V1_SubjectEvent.with { $0.subject = Vestibule_Model_V1_Subject(subject, epoch: 1) })
    let follow = FollowSubjects(settle: service.settle)
    return try await service.commit { try follow([event], $0) }
  }
}
