import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Erasing people, as provisioning does it (decision 27)")
struct ErasedGuestTests {
  private func erase(_ person: Target, _ service: ProvisioningFixture) async throws {
    var erased = Subject(
      id: person.subject, tenant: service.tenant, version: 7, email: "", displayName: "", kind: .external,
      identities: [])
    erased.erasedAt = service.now
    let event = service.received(
      .subjectErased, person.subject, number: 7,
      Vestibule_Events_V1_SubjectEvent.with { $0.subject = Vestibule_Model_V1_Subject(erased, epoch: 1) })
    let settle = service.settle
    for _ in 0..<2 {
      _ = try await service.commit { work in
        try FollowSubjects(settle: settle)([event, event], work)
        try FollowErasures(ProvisioningService.erase)([event, event], work)
      }
    }
  }

  private func traces(of person: Target, _ service: ProvisioningFixture) async throws -> String {
    let values = [person.email, "center-9911"]
    _ = try await service.sql("DELETE FROM outbox")
    let tables = try await service.sql(Traces.tables(of: ["provisioning", "directory"]))
    return try await service.sql(
      Traces.search(tables.split(separator: "\n").map(String.init), for: values))
  }

  @Test("Guests and their assignments keep ids; an older change that comes late brings nothing back")
  func erased() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      try await service.configure(service.package, roles: ["reader"], attributes: ["costCenter"], number: 2)
      let request = service.answering(["costCenter": "center-9911"], service.request(for: person))
      try await service.fulfil([request])
      try await service.fulfil([service.request(.adminRemove, for: person, assignment: request.id)])
      let due = try #require(try await service.guest(person.subject)?.deleteDueAt)
      service.advance(by: .days(31))
      #expect(try await service.delete(person.subject, at: due).map(\.type) == [.guestDeleted])
      // What an account that was there before would keep.
      _ = try await service.sql(
        """
        INSERT INTO directory.attribute VALUES ('\(service.tenant)', '\(person.subject)', 'costCenter', 'center-9911')
        """)
      let before = try await traces(of: person, service)
      #expect(before.contains("provisioning.assignment") && before.contains("directory.attribute"))
      try await erase(person, service)
      #expect(try await traces(of: person, service) == "")

      let late = Subject(
        id: person.subject, tenant: service.tenant, version: 3, email: person.email, displayName: "Ana",
        kind: .external, identities: [])
      let event = service.received(
        .subjectChanged, person.subject, number: 3,
        Vestibule_Events_V1_SubjectEvent.with { $0.subject = Vestibule_Model_V1_Subject(late, epoch: 1) })
      let settle = service.settle
      _ = try await service.commit { work in try FollowSubjects(settle: settle)([event], work) }
      try await service.fulfil([service.request(.adminRemove, for: person, assignment: UUID())])
      try await service.fulfil([request])
      #expect(try await traces(of: person, service) == "")
      #expect(try await service.assignment(request.id)?.state == .expired)
    }
  }

  @Test("Assignments that are over go with their requests, said twice too; what lasts stays")
  func forgotten() async throws {
    try await ProvisioningFixture.run { service in
      let (ana, ben) = (service.person(), service.person("ben"))
      let (over, lasting) = (service.request(for: ana), service.request(for: ben))
      try await service.fulfil([over, lasting])
      try await service.fulfil([service.request(.adminRemove, for: ana, assignment: over.id)])
      let event = service.received(
        .recordsPruned, UUID(),
        Vestibule_Events_V1_RetentionEvent.with {
          ($0.tenant, $0.requests) = (service.tenant.text, [over.id.text, lasting.id.text])
        })
      for _ in 0..<2 {
        _ = try await service.commit { try FollowRetention(ProvisioningService.forget)([event], $0) }
      }
      #expect(try await service.assignment(over.id) == nil)
      #expect(try await service.assignment(lasting.id)?.state == .delivered)
    }
  }
}
