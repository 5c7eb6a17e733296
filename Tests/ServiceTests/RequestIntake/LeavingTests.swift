import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("A person leaves (decision 6)")
struct LeavingTests {
  @Test(
    "A sponsor says so for their own organization: what waits is canceled, what lasts ends; said again it is nothing"
  )
  func sponsor() async throws {
    try await IntakeFixture.run { intake in
      let (ada, ann) = (try await intake.person("ada"), try await intake.person("ann"))
      try await intake.putOrganization { $0.externalSponsors = [ada.subject?.text ?? ""] }
      _ = try await intake.submit(by: ann)
      for _ in 0..<2 { #expect(try await end(intake, ann, by: ada).hasLeftAt) }
      #expect(try await intake.told(.requestApproved) == 2)
      #expect(try await refusalCodes { try await intake.submit(by: ann) }.contains(.subjectLeft))
    }
  }

  @Test("Not for somebody else's people, nor by whoever is no sponsor, is barred or has left")
  func others() async throws {
    try await IntakeFixture.run { intake in
      let northwind = UUID()
      try await intake.put("northwind", id: northwind) { $0.connectedOrganization.displayName = "Northwind" }
      let (ada, eve, ann) = (
        try await intake.person("ada"), try await intake.person("eve"), try await intake.person("ann")
      )
      try await intake.putOrganization {
        $0.externalSponsors = [ada, eve].compactMap { $0.subject?.text }
      }
      let bob = try await intake.putSubject {
        ($0.email, $0.organization) = ("bob@northwind.example", northwind.text)
      }
      let stranger = intake.guest("bob", subject: UUID(text: bob.id))
      #expect(try await refusalCodes { try await end(intake, stranger, by: ada) } == [.forbidden])
      #expect(try await refusalCodes { try await end(intake, ada, by: ann) } == [.forbidden])
      try await intake.putSubject {
        ($0.id, $0.email, $0.organization) = (
          ada.subject?.text ?? "", "ada@fabrikam.example", intake.organization.text
        )
        $0.bar.reason = "x"
      }
      #expect(try await refusalCodes { try await end(intake, ann, by: ada) } == [.forbidden])
      _ = try await end(intake, eve, by: intake.administrator())
      #expect(try await refusalCodes { try await end(intake, ann, by: eve) } == [.forbidden])
    }
  }

  @Test("Nor by a partner's sponsor who belongs to another organization by now")
  func elsewhere() async throws {
    try await IntakeFixture.run { intake in
      let northwind = UUID()
      try await intake.put("northwind", id: northwind) { $0.connectedOrganization.displayName = "Northwind" }
      let (ada, ann) = (try await intake.person("ada"), try await intake.person("ann"))
      try await intake.putOrganization { $0.externalSponsors = [ada.subject?.text ?? ""] }
      for organization in [northwind, nil] {
        let moved = Principal(
          tenant: intake.tenant, subject: ada.subject, organization: organization,
          issuer: "https://login.northwind.example", externalSubject: "ada", email: nil, isMember: false,
          isOperator: false, roles: [], expiresAt: .distantFuture)
        #expect(try await refusalCodes { try await end(intake, ann, by: moved) } == [.forbidden])
      }
      #expect(try await end(intake, ann, by: ada).hasLeftAt)
    }
  }

  @Test(
    "So does whoever is in a group that answers for the organization, and no longer once they have left it")
  func sponsorGroup() async throws {
    try await IntakeFixture.run { intake in
      let (ada, ann, ben) = (
        try await intake.person("ada"), try await intake.person("ann"), try await intake.person("ben")
      )
      try await intake.putOrganization {
        $0.externalSponsorGroups = [.with { $0.group = intake.resource.text }]
      }
      #expect(try await refusalCodes { try await end(intake, ann, by: ada) } == [.forbidden])
      try await intake.group("files", ada, isMember: true, version: 1)
      #expect(try await end(intake, ann, by: ada).hasLeftAt)
      try await intake.group("files", ada, isMember: false, version: 2)
      #expect(try await refusalCodes { try await end(intake, ben, by: ada) } == [.forbidden])
    }
  }

  @Test("An administrator ends all identities of a person; a sponsor those of their own organization alone")
  func linked() async throws {
    for isSponsor in [false, true] {
      try await IntakeFixture.run { intake in
        let northwind = UUID()
        try await intake.put("northwind", id: northwind) {
          $0.connectedOrganization.displayName = "Northwind"
        }
        let (ada, ann) = (try await intake.person("ada"), try await intake.person("ann"))
        try await intake.putOrganization { $0.externalSponsors = [ada.subject?.text ?? ""] }
        let elsewhere = try await intake.putSubject {
          ($0.email, $0.organization) = ("anna@northwind.example", northwind.text)
        }
        let anna = intake.guest("anna", subject: UUID(text: elsewhere.id))
        let held = try await intake.submit(by: anna)
        #expect(held.state == .delivering)
        let ids = [ann, anna].compactMap(\.subject)
        let caller = intake.administrator()
        _ = try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
          try LinkSubjects(store: store)(
            [.init(subject: ids[0], linked: [ids[1]])], isDryRun: false, tenant: tenant, principal: caller,
            work)
        }
        let approved = try await intake.told(.requestApproved)
        for _ in 0..<2 {
          #expect(try await end(intake, ann, by: isSponsor ? ada : caller).hasLeftAt)
        }
        // The removal of what the other identity holds.
        #expect(try await intake.told(.requestApproved) == approved + (isSponsor ? 0 : 1))
        let people = try await intake.read { [tenant = intake.tenant] in
          try SubjectTable(connection: $0).find(ids, tenants: [tenant])
        }
        #expect(people[ids[0]]?.leftAt != nil)
        #expect((people[ids[1]]?.leftAt != nil) == !isSponsor)
      }
    }
  }

  @Test("What a sponsor asked stays a sponsor's when an administrator confirms it")
  func confirmedForSponsor() async throws {
    try await IntakeFixture.run { intake in
      let (northwind, admin) = (UUID(), intake.administrator())
      try await intake.put("northwind", id: northwind) {
        $0.connectedOrganization.displayName = "Northwind"
      }
      let (ada, ann) = (try await intake.person("ada"), try await intake.person("ann"))
      try await intake.putOrganization { $0.externalSponsors = [ada.subject?.text ?? ""] }
      let anna = try await intake.putSubject {
        ($0.email, $0.organization) = ("anna@northwind.example", northwind.text)
      }
      let ids = [try #require(ann.subject), try #require(UUID(text: anna.id))]
      _ = try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
        try LinkSubjects(store: store)(
          [.init(subject: ids[0], linked: [ids[1]])], isDryRun: false, tenant: tenant, principal: admin, work)
      }
      for person in try await intake.people(50) { try await intake.end(person, by: admin) }
      let waiting = try await intake.waiting {
        try await intake.end(.with { $0.id = ids[0].text }, by: ada)
      }
      #expect(try await intake.look(waiting).people == [ids[0]])
      _ = try await intake.confirm(waiting, seen: 1, by: admin)
      let people = try await intake.read { [tenant = intake.tenant] in
        try SubjectTable(connection: $0).find(ids, tenants: [tenant])
      }
      #expect(people[ids[0]]?.leftAt != nil && people[ids[1]]?.leftAt == nil)
    }
  }

  private func end(
    _ intake: IntakeFixture, _ person: Principal, by principal: Principal
  ) async throws -> Vestibule_Model_V1_Subject {
    let id = try #require(person.subject)
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try EndSubject(store: store)(id, reason: "left", tenant: tenant, principal: principal, work).get()
    }
  }
}
