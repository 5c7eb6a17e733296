import EntitlementModel
import Foundation
import Protocols
import Testing

@testable import Messaging
@testable import Provisioning

@Suite("Decision 10: what an extension does whose access the clock has ended")
struct LateExtensionDeliveryTests {
  /// Access that has been given, and an extension of it: as it waits, as it is approved, and as it stands for itself.
  private struct Story {
    let person: Target
    let access, late, renewal: AccessRequest
    let end: Date

    init(_ service: ProvisioningFixture, _ name: String = "ana") async throws {
      person = service.person(name)
      access = service.request(for: person)
      try await service.fulfil([access])
      end = try #require(try await service.assignment(access.id)?.endsAt)
      let id = UUID()
      let newEnd = Term(latestEnd: service.now + .days(400))
      late = service.request(.userUpdate, for: person, assignment: access.id, id: id, term: newEnd)
      renewal = Self.next(service.request(.userUpdate, for: person, assignment: id, id: id, term: newEnd), 3)
    }

    private static func next(_ request: AccessRequest, _ version: Int) -> AccessRequest {
      AccessRequest(
        id: request.id, tenant: request.tenant, version: version, kind: request.kind, state: request.state,
        status: request.status, target: request.target, requestor: request.requestor,
        accessPackage: request.accessPackage, assignmentPolicy: request.assignmentPolicy, organization: nil,
        assignment: request.assignment, justification: "", startsAt: nil, term: request.term,
        createdAt: request.createdAt, completedAt: nil)
    }
  }

  enum News: Sendable { case due, late, renewal }

  @Test(
    "Whatever comes first, and however often: the old one stays ended, the new one is given once",
    arguments: [
      [News.due, .late, .renewal], [.due, .renewal, .late], [.due, .renewal],
      [.due, .due, .late, .renewal, .due, .late, .renewal], [.due, .renewal, .due, .late, .late, .renewal],
    ])
  func anyOrder(_ order: [News]) async throws {
    try await ProvisioningFixture.run { service in
      let story = try await Story(service)
      var told: [Told] = []
      for news in order {
        switch news {
        case .due: told += try await service.expire([story.access.id], at: story.end)
        case .late: told += try await service.fulfil([story.late])
        case .renewal: told += try await service.fulfil([story.renewal])
        }
      }
      #expect(told.count { $0.type == .assignmentDelivered } == 1)
      let old = try #require(try await service.assignment(story.access.id))
      #expect(old.state == .expired && old.endReason == .timeUp)
      let new = try #require(try await service.assignment(story.renewal.id))
      #expect(new.state == .delivered)
      #expect(new.endsAt?.isSameInstant(as: story.renewal.term.latestEnd) == true)
      let guest = try #require(try await service.guest(story.person.subject))
      #expect(guest.state == .active && guest.liveAssignments == 1)
      #expect(try await service.memberships() == 1)
      #expect(try await service.sql("SELECT count(*) FROM entitlement") == "1")
    }
  }

  @Test("Carried out in time it extends, and the end that it moved says nothing")
  func inTime() async throws {
    try await ProvisioningFixture.run { service in
      let story = try await Story(service)
      #expect(try await service.fulfil([story.late]).map(\.type) == [.assignmentExtended])
      #expect(try await service.expire([story.access.id], at: story.end).isEmpty)
      #expect(try await service.assignment(story.access.id)?.state == .delivered)
    }
  }

  @Test("The clock and the extension at the same moment: extended, or ended; never both", arguments: 0..<5)
  func races(_: Int) async throws {
    try await ProvisioningFixture.run { service in
      let story = try await Story(service)
      async let due = service.expire([story.access.id], at: story.end)
      async let late = service.fulfil([story.late])
      let told = try await due + late
      let old = try #require(try await service.assignment(story.access.id))
      let isExtended = old.state == .delivered
      #expect(told.contains { $0.type == .assignmentExtended } == isExtended)
      #expect(told.contains { $0.type == .assignmentExpired } != isExtended)
      guard !isExtended else { return }
      try await service.fulfil([story.renewal])
      #expect(try await service.guest(story.person.subject)?.liveAssignments == 1)
      #expect(try await service.memberships() == 1)
    }
  }

  @Test("Access ends on time, the guest is not blocked before it is decided, and is when nothing comes of it")
  func keepsTheGuest() async throws {
    try await ProvisioningFixture.run { service in
      let follow = FollowRequests(settle: service.settle)
      let story = try await Story(service)
      let submitted = service.event(story.late, .requestSubmitted)
      try await service.commit { try follow([submitted], $0) }
      #expect(try await service.expire([story.access.id], at: story.end).map(\.type) == [.assignmentExpired])
      #expect(try await service.memberships() == 0)
      // Approved: request-intake does not know yet that it is too late.
      let approved = service.received(
        .requestApproved, story.late.id, number: 2, service.event(story.late).body)
      try await service.commit { try FulfilRequests(settle: service.settle)([approved], $0) }
      #expect(try await service.guest(story.person.subject)?.state == .active)
      let canceled = service.received(
        .requestCanceled, story.late.id, number: 3, service.event(story.late).body)
      for _ in 0..<2 { try await service.commit { try follow([canceled], $0) } }
      #expect(try await service.guest(story.person.subject)?.state == .blocked)
    }
  }
}
