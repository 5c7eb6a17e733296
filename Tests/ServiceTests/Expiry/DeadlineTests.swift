import Contracts
import EntitlementModel
import Foundation
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import Expiry
@testable import Messaging

@Suite("What falls due")
struct DeadlineTests {
  @Test("An end is announced 14 days and 1 day ahead, then told to the owner, each once")
  func walksTheSteps() async throws {
    let bench = try await ExpiryBench()
    let (id, end) = (UUID(), bench.noon + .days(180))
    try await bench.take(id, version: 3, endsAt: end)
    #expect(try await bench.fire(at: end - .days(15)).isEmpty)
    for (days, before) in [(14, Int32(14)), (1, Int32(1))] {
      let told = try await bench.fire(at: end - .days(days))
      #expect(told.map(\.type) == [.assignmentExpiring] && told.map(\.number) == [3])
      let notice = try Vestibule_Events_V1_ExpiryNotice(serializedBytes: told[0].body)
      #expect(notice.daysBefore == before && notice.endsAt.instant == end)
    }
    let told = try await bench.fire(at: end)
    #expect(told.map(\.type) == [.assignmentExpiryDue])
    let due = try Due(Vestibule_Events_V1_Due(serializedBytes: told[0].body))
    #expect(due == Due(aggregate: id, version: 3, at: end))
    #expect(try await bench.fire(at: end + .days(1)).isEmpty)
    #expect(try await bench.deadline(of: id)?.dueAt == nil, "a fired row stays")
  }

  @Test(
    "Notices whose moment lies before delivery are skipped",
    arguments: [(20, 6, "notice14"), (10, 9, "notice1"), (1, 1, "expiry")])
  func skipsNotices(length: Int, dueAfter: Int, step: String) async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, endsAt: bench.noon + .days(length))
    let deadline = try await bench.deadline(of: id)
    #expect(deadline?.dueAt == bench.noon + .days(dueAfter))
    #expect(deadline?.step?.rawValue == step)
  }

  @Test("More time moves the deadline, and a late older event does not move it back")
  func followsRenewal() async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, version: 2, endsAt: bench.noon + .days(200))
    try await bench.take(id, version: 1, endsAt: bench.noon + .days(100))
    #expect(try await bench.deadline(of: id)?.endsAt == bench.noon + .days(200))
    #expect(try await bench.fire(at: bench.noon + .days(100)).isEmpty)
  }

  @Test(
    "What has ended is not armed again by what came late",
    arguments: [Assignment.State.expired, .deliveryFailed])
  func staysRetired(state: Assignment.State) async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, state, version: 4, endsAt: bench.noon)
    try await bench.take(id, version: 3, endsAt: bench.noon)
    #expect(try await bench.fire(at: bench.noon + .days(1)).isEmpty)
  }

  @Test("A fired row is not armed again by a duplicate, but by a restored owner")
  func staysFired() async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, version: 2, endsAt: bench.noon)
    #expect(try await bench.fire(at: bench.noon).count == 1)
    try await bench.take(id, version: 2, endsAt: bench.noon)
    #expect(try await bench.fire(at: bench.noon).isEmpty)
    try await bench.take(id, version: 1, epoch: 2, endsAt: bench.noon)
    #expect(try await bench.fire(at: bench.noon).count == 1)
  }

  @Test("What never ends is never due")
  func neverEnds() async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, endsAt: nil)
    #expect(try await bench.deadline(of: id)?.dueAt == nil)
  }

  @Test("A guest is blocked, then deleted, unless it is revived in between")
  func guests() async throws {
    let bench = try await ExpiryBench()
    let (gone, revived, day) = (UUID(), UUID(), bench.noon + .days(1))
    for guest in [gone, revived] { try await bench.takeGuest(guest, version: 1, blockDueAt: bench.noon) }
    #expect(try await bench.fire(at: bench.noon).map(\.type) == [.guestBlockDue, .guestBlockDue])
    for guest in [gone, revived] { try await bench.takeGuest(guest, version: 2, deleteDueAt: day) }
    try await bench.takeGuest(revived, version: 3)
    let told = try await bench.fire(at: day)
    #expect(told.map(\.type) == [.guestDeletionDue] && told.map(\.aggregate) == [gone])
  }

  @Test("Soonest first, page by page, of one tenant")
  func lists() async throws {
    let bench = try await ExpiryBench()
    let ids = (0..<5).map { _ in UUID() }
    for (day, id) in ids.enumerated() { try await bench.take(id, endsAt: bench.noon + .days(100 + 3 * day)) }
    let (tenant, foreign) = (bench.tenant, UUID())
    let (first, rest, none) = try await bench.commit { work in
      let table = DeadlineTable(connection: work.connection)
      let first = try table.page(tenant: tenant, after: nil, limit: 2)
      let again = first.last.map { InstantKey(at: $0.dueAt ?? .distantPast, id: $0.aggregate) }
      return (
        first, try table.page(tenant: tenant, after: again, limit: 10),
        try table.page(tenant: foreign, after: nil, limit: 10)
      )
    }
    #expect((first + rest).map(\.aggregate) == ids)
    #expect(none.isEmpty)
  }
}
