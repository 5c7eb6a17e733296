import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import Provisioning

/// What a planned start finds on its day (what happens to the request before that: `ScheduledStartTests`), and what it
/// does to a guest until then.
@Suite("A planned start, and its day")
struct ScheduledStartDeliveryTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Nil: it is delivered.
    let failure: Assignment.Failure?
    var roles = 1
    let change: @Sendable (ProvisioningFixture, Target) async throws -> Void

    init(
      _ description: String, _ failure: Assignment.Failure? = nil, roles: Int = 1,
      _ change: @escaping @Sendable (ProvisioningFixture, Target) async throws -> Void
    ) {
      (testDescription, self.failure, self.roles, self.change) = (description, failure, roles, change)
    }
  }

  static let rows = [
    Row("Nothing has changed") { _, _ in },
    Row("The person is barred", .subjectBarred) {
      try await tell($0, $1, bar: .init(reason: "x", until: nil))
    },
    Row("The person was barred until the day before") { service, person in
      try await tell(service, person, bar: .init(reason: "x", until: service.now + .days(9)))
    },
    Row("The person is cut off", .subjectBarred) {
      try await tell($0, $1, bar: .init(reason: "x", until: nil), isCutOff: true)
    },
    Row("The person was cut off and restored") { service, person in
      try await tell(service, person, bar: .init(reason: "x", until: nil), isCutOff: true)
      try await tell(service, person, version: 3)
    },
    Row("The list of domains lets nobody of there in", .domainDenied) { service, _ in
      try await service.deny(domain: "fabrikam.example")
    },
    Row("The package gives more", roles: 2) { service, _ in
      try await service.configure(service.package, roles: ["reader", "writer"], number: 2)
    },
    Row("Its resource is gone", .resourceMissing) { service, _ in
      _ = try await service.sql("DELETE FROM directory.resource")
    },
  ]

  @Test("On the day of the start everything is looked at once more", arguments: rows)
  func starts(row: Row) async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let request = service.request(for: person)
      try await follow(service, .requestScheduled, request)
      try await row.change(service, person)
      service.advance(by: .days(10))
      for _ in 0..<2 { try await service.fulfil([request]) }
      let assignment = try #require(try await service.assignment(request.id))
      #expect(assignment.state == (row.failure == nil ? .delivered : .deliveryFailed))
      #expect(assignment.failure == row.failure)
      #expect(try await service.memberships() == (row.failure == nil ? row.roles : 0))
    }
  }

  @Test("A guest whose access ends before a planned start is neither blocked nor deleted, until that is off")
  func keepsTheGuest() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let held = service.request(for: person)
      let planned = service.request(for: person, package: UUID())
      try await service.fulfil([held])
      for _ in 0..<2 { try await follow(service, .requestScheduled, planned, number: 2) }
      // What was said before comes late.
      try await follow(service, .requestSubmitted, planned, number: 1)
      try await service.fulfil([service.request(.userRemove, for: person, assignment: held.id)])
      #expect(try await service.guest(person.subject)?.state == .active)
      for _ in 0..<2 { try await follow(service, .requestCanceled, planned, number: 3) }
      try await follow(service, .requestScheduled, planned, number: 2)
      #expect(try await service.guest(person.subject)?.state == .blocked)
    }
  }

  @Test("One that is planned while the guest is blocked puts their deletion off, and revives them on its day")
  func postponesDeletion() async throws {
    try await ProvisioningFixture.run { service in
      let person = service.person()
      let held = service.request(for: person)
      try await service.fulfil([held])
      try await service.fulfil([service.request(.userRemove, for: person, assignment: held.id)])
      let due = try #require(try await service.guest(person.subject)?.deleteDueAt)
      let planned = service.request(for: person)
      try await follow(service, .requestScheduled, planned)
      service.advance(by: .days(30))
      try await service.delete(person.subject, at: due)
      #expect(try await service.guest(person.subject)?.state == .blocked)
      service.advance(by: .days(10))
      let told = try await service.fulfil([planned])
      #expect(told.map(\.type) == [.guestRevived, .assignmentDelivered])
    }
  }

  private func follow(
    _ service: ProvisioningFixture, _ type: EventType, _ request: AccessRequest, number: Int = 1
  ) async throws {
    let event = service.received(type, request.id, number: number, service.event(request).body)
    let follow = FollowRequests(settle: service.settle)
    _ = try await service.commit { try follow([event], $0) }
  }

  private static func tell(
    _ service: ProvisioningFixture, _ person: Target, version: Int = 2, bar: Subject.Bar? = nil,
    isCutOff: Bool = false
  ) async throws {
    var subject = Subject(
      id: person.subject, tenant: service.tenant, version: version, email: person.email,
      displayName: person.displayName, kind: .external, identities: [], bar: bar)
    if isCutOff { subject.cutOffAt = service.now }
    let event = service.received(
      .subjectChanged, person.subject, number: version,
      Vestibule_Events_V1_SubjectEvent.with { $0.subject = Vestibule_Model_V1_Subject(subject, epoch: 1) })
    let follow = FollowSubjects(settle: service.settle)
    _ = try await service.commit { try follow([event], $0) }
  }
}
