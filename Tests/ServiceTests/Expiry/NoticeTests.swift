import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@testable import Expiry
@testable import Messaging

@Suite("The ledger of notices")
struct NoticeTests {
  @Test("Of an end its person is told 14 days and a day before, once each, and it can be looked up")
  func assignment() async throws {
    let bench = try await ExpiryBench()
    let (id, end) = (UUID(), bench.noon + .days(100))
    try await bench.take(id, endsAt: end)
    for day in [80, 86, 87, 99, 100] { try await bench.fire(at: bench.noon + .days(day) + 1) }
    let told = try await notices(bench, about: id)
    #expect(told.map(\.notice.kind) == [.assignmentEndsIn14Days, .assignmentEndsIn1Day])
    #expect(told.allSatisfy { $0.notice.moment.isSameInstant(as: end) })
    #expect(
      told.map { $0.notice.dueAt.microseconds } == [end - .days(14), end - .days(1)].map(\.microseconds))
    let recipient = try #require(told.first?.notice.recipient)
    #expect(try await notices(bench, recipient: recipient).count == 2)
    #expect(try await notices(bench, recipient: UUID()).isEmpty)
  }

  @Test("Armed again for the same end, by a restored owner, it is not told again; for another end it is")
  func once() async throws {
    let bench = try await ExpiryBench()
    let (id, person, end) = (UUID(), UUID(), bench.noon + .days(20))
    for (epoch, days, expected) in [(1, 0, 1), (2, 0, 0), (3, 1, 1)] {
      let moved = end + .days(days)
      try await bench.commit { work in
        try DeadlineTable(connection: work.connection).arm([
          Deadline(
            aggregate: id, kind: "assignment", tenant: bench.tenant,
            version: Version(epoch: epoch, number: 1),
            dueAt: moved - .days(14), endsAt: moved, recipient: person)
        ])
      }
      #expect(
        try await bench.fire(at: moved - .days(14) + 1).count { $0.type == .assignmentExpiring } == expected)
    }
    #expect(try await notices(bench, about: id).count == 2)
  }

  @Test("A guest is told of a block before and after, of a move, of the deletion before and after")
  func guest() async throws {
    let bench = try await ExpiryBench()
    let (id, noon) = (UUID(), bench.noon)
    try await take(bench, id, version: 1) { $0.blockDueAt = .init(noon + .days(7)) }
    #expect(try await bench.fire(at: noon + .days(6) + 1).map(\.type) == [.guestLeaving])
    #expect(try await bench.fire(at: noon + .days(7) + 1).map(\.type) == [.guestBlockDue])
    let blocked = noon + .days(7)
    // Told twice, and once more with another day.
    for (version, days) in [(2, 37), (2, 37), (3, 60)] {
      try await take(bench, id, version: version) { guest in
        (guest.state, guest.blockCauses, guest.blockedAt) = (.blocked, ["lifecycle"], .init(blocked))
        guest.deleteDueAt = .init(noon + .days(days))
      }
    }
    #expect(try await bench.fire(at: noon + .days(30) + 1).isEmpty)
    #expect(try await bench.fire(at: noon + .days(53) + 1).map(\.type) == [.guestLeaving])
    #expect(try await bench.fire(at: noon + .days(60) + 1).map(\.type) == [.guestDeletionDue])
    for _ in 0..<2 {
      try await take(bench, id, version: 4, type: .guestDeleted) { guest in
        (guest.state, guest.blockCauses, guest.blockedAt) = (.deleted, ["lifecycle"], .init(blocked))
      }
    }
    let told = try await notices(bench, about: id).map(\.notice.kind)
    #expect(told.count == 5)
    #expect(
      Set(told) == [
        .guestBlockedIn1Day, .guestBlocked, .guestRescheduled, .guestDeletedIn7Days, .guestDeleted,
      ])
  }

  @Test("Those who answer for an organization are told of its contract's end, once")
  func contract() async throws {
    let bench = try await ExpiryBench()
    let (organization, sponsors, end) = (UUID(), [UUID(), UUID(), UUID()], bench.noon + .days(30))
    let object = Vestibule_Model_V1_ConfigurationObject.with {
      ($0.id, $0.tenant) = (organization.text, bench.tenant.text)
      $0.connectedOrganization.contractEnd = .init(end)
      $0.connectedOrganization.internalSponsors = [sponsors[0].text]
      $0.connectedOrganization.externalSponsors = [sponsors[1].text, sponsors[0].text]
    }
    let event = Received(
      id: UUID(), type: .organizationEnding, aggregate: organization, tenant: bench.tenant,
      version: Version(epoch: 1, number: 3),
      body: Vestibule_Events_V1_ConfigurationEvent.with {
        ($0.object, $0.membersOfSponsorGroups) = (object, [sponsors[2].text, sponsors[1].text])
      })
    for _ in 0..<2 { try await bench.commit { try NoteContractEnds()([event, event], $0) } }
    let told = try await notices(bench, about: organization)
    #expect(Set(told.map(\.notice.recipient)) == Set(sponsors) && told.count == 3)
    #expect(told.allSatisfy { $0.notice.kind == .contractEndsIn30Days })
  }

  @Test("Pages, each notice once; another tenant's are not there")
  func pages() async throws {
    let bench = try await ExpiryBench()
    let person = UUID()
    let all = (0..<25).map { number in
      Notice(
        tenant: bench.tenant, kind: .guestRescheduled, about: person, recipient: person,
        moment: bench.noon + .days(number), dueAt: bench.noon)
    }
    try await bench.commit { work in
      work.record(try NoticeTable(connection: work.connection).note(all, work))
    }
    var (found, last) = ([ToldNotice](), UUID?.none)
    repeat {
      let page = try await notices(bench, recipient: person, after: last, limit: 10)
      (found, last) = (found + page, page.last?.id)
    } while last != nil
    #expect(Set(found.map(\.id)).count == 25 && found.count == 25)
    let foreign = try await bench.commit { work in
      try NoticeTable(connection: work.connection)
        .page(tenant: UUID(), recipient: person, about: nil, after: nil, limit: 10)
    }
    #expect(foreign.isEmpty)
  }

  private func take(
    _ bench: ExpiryBench, _ id: UUID, version: Int, type: EventType = .guestBlocked,
    _ fill: (inout Vestibule_Model_V1_Guest) -> Void
  ) async throws {
    var guest = Vestibule_Model_V1_Guest()
    guest.id = id.text
    fill(&guest)
    let event = Received(
      id: UUID(), type: type, aggregate: id, tenant: bench.tenant,
      version: Version(epoch: 1, number: version),
      body: Vestibule_Events_V1_GuestEvent.with { $0.guest = guest })
    try await bench.commit { work in try ArmGuests()([event], work) }
  }

  private func notices(
    _ bench: ExpiryBench, recipient: UUID? = nil, about: UUID? = nil, after: UUID? = nil, limit: Int = 100
  ) async throws -> [ToldNotice] {
    try await bench.commit { [tenant = bench.tenant] work in
      try NoticeTable(connection: work.connection)
        .page(tenant: tenant, recipient: recipient, about: about, after: after, limit: limit)
    }
  }
}
