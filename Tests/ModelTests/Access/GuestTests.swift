import EntitlementModel
import Foundation
import Testing

@Suite("Decision 22: a guest whose last assignment is gone")
struct GuestTests {
  static func sample(
    _ presence: Guest.Presence = .active, accounts: [Account] = [], live: Int = 0, isGoverned: Bool = true,
    causes: Set<Guest.BlockCause> = [], blockedAt: Date? = nil, blockDueAt: Date? = nil,
    deleteDueAt: Date? = nil
  ) -> Guest {
    Guest(
      id: anna, tenant: contoso, version: 1, target: annaAsTarget, isGoverned: isGoverned, presence: presence,
      accounts: accounts, liveAssignments: live, blockCauses: causes, blockedAt: blockedAt,
      blockDueAt: blockDueAt, deleteDueAt: deleteDueAt)
  }

  static let waiting = sample(.blocked, causes: [.lifecycle], blockedAt: noon, deleteDueAt: day(30))
  static let ours = Account(connector: "directory", externalID: "u1", provenance: .ours, state: .active)

  @Test(
    "The setting decides",
    arguments: [
      (LifecycleSettings.Action.none, Guest.Presence.active, nil), (.blockSignIn, .blocked, nil),
      (.blockSignInAndDelete, .blocked, day(30)),
    ] as [(LifecycleSettings.Action, Guest.Presence, Date?)])
  func settles(action: LifecycleSettings.Action, presence: Guest.Presence, deleteDueAt: Date?) {
    var guest = Self.sample(live: 1)
    let settings = LifecycleSettings(action: action, deletionDelay: .days(30))
    let told = guest.assignmentEnded(settings: settings, hasOpenRequest: false, at: noon)
    #expect(guest.presence == presence)
    #expect(guest.deleteDueAt == deleteDueAt)
    #expect(told == (presence == .active ? [] : [.blocked]))
  }

  @Test("Another live assignment, a pending request, or not being governed leave the guest as they are")
  func staysActive() {
    var busy = Self.sample(live: 2)
    #expect(busy.assignmentEnded(settings: .standard, hasOpenRequest: false, at: noon) == [])
    var asking = Self.sample(live: 1)
    #expect(asking.assignmentEnded(settings: .standard, hasOpenRequest: true, at: noon) == [])
    var member = Self.sample(live: 1, isGoverned: false)
    #expect(member.assignmentEnded(settings: .standard, hasOpenRequest: false, at: noon) == [])
    #expect([busy, asking, member].allSatisfy { $0.presence == .active })
  }

  @Test("Approval lifts a lifecycle block, and only that")
  func revives() {
    var guest = Self.waiting
    #expect(guest.assignmentBegan(annaAsTarget) == [.revived])
    #expect(guest.deleteDueAt == nil)
    var barred = Self.sample(.blocked, causes: [.lifecycle, .administrator], deleteDueAt: day(30))
    #expect(barred.assignmentBegan(annaAsTarget) == [])
    #expect(barred.presence == .blocked)
    #expect(barred.blockCauses == [.administrator])
  }

  @Test("Deletion comes on its day; a due message for another day says nothing")
  func isDeletedOnItsDay() {
    var guest = Self.waiting
    #expect(guest.deletionDue(due(day(29)), hasOpenRequest: false, at: day(29)) == [])
    #expect(guest.deletionDue(due(day(30)), hasOpenRequest: false, at: day(30)) == [.deleted])
    #expect(guest.state == .deleted)
  }

  @Test("An undecided request postpones the deletion by a day at a time")
  func pendingRequestPostpones() {
    var guest = Self.waiting
    _ = guest.deletionDue(due(day(30)), hasOpenRequest: true, at: day(30))
    #expect(guest.presence == .blocked)
    #expect(guest.deleteDueAt == day(31))
  }

  @Test(
    "A request that waits for its start cancels the deletion; when it comes to nothing the guest goes after all"
  )
  func scheduledRequestCancels() {
    var guest = Self.waiting
    #expect(guest.startScheduled() == [.blocked])
    #expect(guest.presence == .blocked && guest.deleteDueAt == nil)
    #expect(guest.startScheduled() == [])
    #expect(guest.deletionDue(due(day(30)), hasOpenRequest: true, at: day(30)) == [])
    #expect(guest.settle(settings: .standard, hasOpenRequest: true, at: day(40)) == [])
    var early = guest
    #expect(early.settle(settings: .standard, hasOpenRequest: false, at: day(2)) == [.blocked])
    #expect(early.deleteDueAt == day(30))
    #expect(early.settle(settings: .standard, hasOpenRequest: false, at: day(3)) == [])
    #expect(guest.settle(settings: .standard, hasOpenRequest: false, at: day(40)) == [.blocked])
    #expect(guest.deleteDueAt == day(47))
    var active = Self.sample()
    #expect(active.startScheduled() == [])
  }

  @Test("An approval that arrives while deleting waits for that, then invites anew")
  func isInvitedAnew() {
    var account = Self.ours
    account.follow(.absent)
    var guest = Self.sample(.absent, accounts: [account], causes: [.lifecycle])
    #expect(guest.state == .deleting)
    #expect(guest.assignmentBegan(annaAsTarget) == [])
    #expect(guest.accountAnswered(.deleted, at: "directory") == [.deleted, .invited])
    #expect(guest.state == .inviting)
  }

  @Test("Decision 18: a guest all of whose accounts were found is not governed")
  func foundGuestIsNotGoverned() {
    var guest = Self.sample(live: 1)
    guest.needsAccount(at: "directory")
    _ = guest.accountAnswered(.present(externalID: "u9", provenance: .found), at: "directory")
    #expect(!guest.isGoverned)
  }

  @Test("Decision 6: cut off, every account is blocked, found ones too; restored, they are not")
  func isCutOff() {
    let found = Account(connector: "crm", externalID: "u2", provenance: .found, state: .active)
    var guest = Self.sample(accounts: [Self.ours, found], live: 1)
    #expect(guest.cutOff(at: noon) == [.blocked])
    #expect(guest.cutOff(at: noon) == [])
    #expect(guest.accounts.map(\.state) == [.blocking, .blocking])
    #expect(guest.assignmentBegan(annaAsTarget) == [])
    #expect(guest.restore() == [.revived])
    #expect(guest.accounts.map(\.state) == [.unblocking, .unblocking])
    #expect(guest.restore() == [])
  }

  @Test(
    "Of somebody cut off the lifecycle goes on: it schedules the deletion, and its block outlasts the other")
  func lifecycleOfWhoIsCutOff() {
    var guest = Self.sample(live: 1)
    _ = guest.cutOff(at: noon)
    #expect(guest.assignmentEnded(settings: .standard, hasOpenRequest: false, at: day(1)) == [.blocked])
    #expect(guest.blockCauses == [.administrator, .lifecycle])
    #expect(guest.deleteDueAt == day(30))
    #expect(guest.restore() == [.blocked])
    #expect(guest.presence == .blocked)
  }

  @Test("An administrator's word outranks who made the accounts, and is told once")
  func governed() {
    var guest = Self.sample(live: 1, isGoverned: false)
    #expect(guest.govern(true, settings: .standard, at: noon) == [.lifecycleChanged])
    #expect(guest.govern(true, settings: .standard, at: noon) == [])
    guest.needsAccount(at: "directory")
    _ = guest.accountAnswered(.present(externalID: "u9", provenance: .found), at: "directory")
    #expect(guest.isGoverned)
  }

  @Test("An idle guest who becomes governed goes after seven days; one who is released does not go")
  func governedWhileIdle() {
    var guest = Self.sample(isGoverned: false)
    _ = guest.govern(true, settings: .standard, at: noon)
    #expect(guest.blockDueAt == day(7))
    _ = guest.govern(false, settings: .standard, at: day(1))
    #expect(guest.blockDueAt == nil)
    #expect(guest.blockDue(due(day(7)), settings: .standard, hasOpenRequest: false, at: day(7)) == [])
    var blocked = Self.waiting
    _ = blocked.govern(false, settings: .standard, at: noon)
    #expect(blocked.deleteDueAt == nil)
    #expect(blocked.presence == .blocked)
  }

  @Test("A changed setting never brings anything sooner than seven days after the change")
  func retimes() {
    var guest = Self.waiting
    let hasty = LifecycleSettings(action: .blockSignInAndDelete, deletionDelay: .days(1))
    _ = guest.retime(hasty, at: day(20))
    #expect(guest.deleteDueAt == day(27))
    var idle = Self.sample()
    _ = idle.retime(.standard, at: day(20))
    #expect(idle.blockDueAt == day(27))
    #expect(idle.settle(settings: .standard, hasOpenRequest: false, at: day(21)) == [])
    #expect(idle.presence == .active, "a request that comes to nothing brings it no sooner either")
    #expect(
      idle.blockDue(due(day(27)), settings: .standard, hasOpenRequest: false, at: day(27)) == [.blocked])
  }

  @Test("Decision 19: the guest's state is derived from the accounts", arguments: Account.State.allCases)
  func derivedState(state: Account.State) {
    let guest = Self.sample(accounts: [Account(connector: "directory", provenance: .ours, state: state)])
    let expected: Guest.State =
      switch state {
      case .inviting: .inviting
      case .unblocking: .unblocking
      case .failed: .failed
      case .active, .blocking, .blocked, .deleting, .deleted: .active
      }
    #expect(guest.state == expected)
  }
}
