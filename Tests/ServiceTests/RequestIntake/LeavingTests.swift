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

  private func end(
    _ intake: IntakeFixture, _ person: Principal, by principal: Principal
  ) async throws -> Vestibule_Model_V1_Subject {
    let id = try #require(person.subject)
    return try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
      try EndSubject(store: store)(id, reason: "left", tenant: tenant, principal: principal, work).get()
    }
  }
}
