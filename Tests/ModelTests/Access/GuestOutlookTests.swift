import EntitlementModel
import Foundation
import Testing

@Suite("Why and when a guest will go")
struct GuestOutlookTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let guest: Guest
    var assignments: [Assignment] = []
    var settings = LifecycleSettings.standard
    var waits = false
    let why: GuestOutlook.Why
    var block: Date?
    var deletion: Date?
    var testDescription: String { why.rawValue }
  }

  static let keep = LifecycleSettings(action: .none, deletionDelay: .days(30))
  static let held = Assignment.sample(.delivered, deliveredAt: noon, endsAt: day(10))
  static let later = Assignment.sample(.delivered, deliveredAt: noon, endsAt: day(20))
  static let forGood = Assignment.sample(.delivered, deliveredAt: noon)
  static let over = Assignment.sample(.expired, deliveredAt: noon, endsAt: day(10))

  @Test(
    "It follows from the guest, the access, the tenant's setting and what waits",
    arguments: [
      Row(guest: GuestTests.sample(live: 1, isGoverned: false), assignments: [held], why: .notGoverned),
      Row(
        guest: GuestTests.sample(live: 2), assignments: [held, later, over], why: .accessEnds, block: day(20),
        deletion: day(50)),
      Row(guest: GuestTests.sample(live: 1), assignments: [held], settings: keep, why: .accessEnds),
      Row(guest: GuestTests.sample(live: 2), assignments: [held, forGood], why: .accessWithoutEnd),
      Row(guest: GuestTests.sample(live: 1), assignments: [.sample(.delivering)], why: .delivering),
      Row(guest: GuestTests.sample(), waits: true, why: .requestWaits),
      Row(guest: GuestTests.sample(), assignments: [over], settings: keep, why: .settingKeeps),
      Row(
        guest: GuestTests.sample(blockDueAt: day(7)), why: .blockScheduled, block: day(7), deletion: day(37)),
      Row(guest: GuestTests.waiting, why: .deletionScheduled, deletion: day(30)),
      Row(guest: GuestTests.sample(.blocked, causes: [.lifecycle]), why: .blocked),
      Row(guest: GuestTests.sample(.blocked, causes: [.lifecycle]), waits: true, why: .requestWaits),
      Row(guest: GuestTests.sample(.blocked, causes: [.administrator]), why: .blockedByAdministrator),
      Row(guest: GuestTests.sample(.absent), why: .deleted),
      Row(
        guest: GuestTests.sample(
          .absent, accounts: [Account(connector: "directory", provenance: .ours, state: .deleting)]),
        why: .deleting),
      Row(guest: GuestTests.sample(), assignments: [over], why: .overdue),
    ])
  func outlook(_ row: Row) {
    let outlook = GuestOutlook(
      row.guest, assignments: row.assignments, settings: row.settings, hasOpenRequest: row.waits)
    #expect(outlook.why == row.why)
    #expect(outlook.blockAt == row.block)
    #expect(outlook.deleteAt == row.deletion)
  }
}
