import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("A domain is denied while people of it hold something (decision 5)")
struct DenialTests {
  @Test(
    "From now on nothing is given or extended; whoever denies hears how many hold something, and lists them")
  func denies() async throws {
    try await IntakeFixture.run { intake in
      let names = ["ann", "bob", "cy"]
      var people: [Principal] = []
      for name in names { people.append(try await intake.person(name)) }
      let held = try await intake.submit(by: people[0])
      for person in people.dropFirst() { _ = try await intake.submit(by: person) }
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      intake.wait(.days(170))
      #expect(try await deny(intake, ["elsewhere.example"]).isEmpty)
      #expect(try await list(intake).holders.isEmpty)
      let ids = Set(people.compactMap(\.subject))
      #expect(try await deny(intake, ["fabrikam.example"]) == ids)
      // Said again it denies nobody anew.
      #expect(try await deny(intake, ["fabrikam.example"]).isEmpty)
      #expect(try await intake.extend(held, by: people[0]).refusalCodes == [.domainDenied])
      let newcomer = try await intake.person("dan")
      #expect(try await intake.submit([intake.submission(by: newcomer)])[0].refusalCodes == [.domainDenied])

      let first = try await list(intake)
      let second = try await list(intake, after: first.holders.last.flatMap { UUID(text: $0.subject) })
      let listed = first.holders + second.holders
      #expect(first.people == 3 && second.people == 3)
      #expect(first.holders.count == 2 && second.holders.count == 1)
      #expect(Set(listed.map(\.subject)) == Set(ids.map(\.text)))
      #expect(listed.allSatisfy { $0.assignments.count == 1 })
      #expect(try await refusalCodes { try await list(intake, by: newcomer) } == [.forbidden])
    }
  }

  @Test("What counts is the address as it is now")
  func movedAway() async throws {
    try await IntakeFixture.run { intake in
      try await intake.putOrganization { $0.identitySources = [] }
      let ann = try await intake.person("ann")
      _ = try await intake.submit(by: ann)
      try await intake.putSubject {
        ($0.id, $0.email) = (ann.subject?.text ?? "", "ann@new.example")
      }
      #expect(try await deny(intake, ["fabrikam.example"]).isEmpty)
      #expect(try await deny(intake, ["new.example"]) == Set([try #require(ann.subject)]))
    }
  }

  /// - Returns: who hold something and are denied anew.
  private func deny(_ intake: IntakeFixture, _ domains: [String]) async throws -> Set<UUID> {
    let caller = intake.administrator()
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      let list = Vestibule_Model_V1_ConfigurationObject.with {
        ($0.id, $0.name) = (UUID(namedBy: [tenant.text, "domains"]).text, "domains")
        $0.domainList = .with { ($0.mode, $0.domains) = (.deny, domains) }
      }
      return try PutConfiguration(store: store)(list, tenant: tenant, principal: caller, work).get().people
    }
  }

  private func list(
    _ intake: IntakeFixture, after: UUID? = nil, by principal: Principal? = nil
  ) async throws -> (holders: [Vestibule_Api_V1_DeniedHolder], people: Int) {
    let caller = principal ?? intake.administrator()
    return try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ListDenied(store: store)(
        tenant: tenant, page: PageRequest(after: after, limit: 2), principal: caller, on: connection)
    }
  }
}
