import EntitlementModel
import Foundation
import Testing

@Suite("What happens by itself, and when")
struct AccessDeadlinesTests {
  @Test(
    "Decision 10: notices 14 days and 1 day ahead; those before delivery are skipped",
    arguments: [
      (day(0), AccessDeadlines.Step.notice14, day(166)), (day(166), .notice1, day(179)),
      (day(170), .notice1, day(179)), (day(179), .expiry, day(180)), (day(200), .expiry, day(180)),
    ])
  func nextStep(after moment: Date, step: AccessDeadlines.Step, at instant: Date) {
    #expect(AccessDeadlines.next(endsAt: day(180), after: moment) == .init(step, at: instant))
    #expect(AccessDeadlines.step(at: instant, endsAt: day(180)) == step)
  }

  @Test("Nothing happens to what never ends, nor outside of delivered", arguments: Assignment.State.allCases)
  func onlyDelivered(state: Assignment.State) {
    let isTimed = state == .delivered || state == .partiallyDelivered
    func next(endsAt: Date?) -> AccessDeadlines.Planned? {
      AccessDeadlines.next(for: state, deliveredAt: noon, endsAt: endsAt, armedAt: noon)
    }
    #expect((next(endsAt: day(180)) != nil) == isTimed)
    #expect(next(endsAt: nil) == nil)
  }

  @Test("A renewal fires no notice whose moment is past when it is armed")
  func renewal() {
    func next(armedAt: Date) -> AccessDeadlines.Planned? {
      AccessDeadlines.next(for: .delivered, deliveredAt: day(0), endsAt: day(180), armedAt: armedAt)
    }
    #expect(next(armedAt: day(165)) == .init(.notice14, at: day(166)))
    #expect(next(armedAt: day(170)) == .init(.notice1, at: day(179)))
    #expect(next(armedAt: day(179) + 1) == .init(.expiry, at: day(180)))
  }

  @Test("A guest is blocked before being deleted")
  func guest() {
    #expect(AccessDeadlines.next(blockDueAt: day(1), deleteDueAt: day(2), after: noon)?.step == .block)
    #expect(AccessDeadlines.next(blockDueAt: nil, deleteDueAt: day(2), after: noon)?.step == .deletion)
    #expect(AccessDeadlines.next(blockDueAt: nil, deleteDueAt: nil, after: noon) == nil)
  }

  @Test("Decision 22: told a day before the block and seven before the deletion, unless that is past")
  func guestNotices() {
    func next(block: Date? = nil, deletion: Date? = nil, after moment: Date) -> AccessDeadlines.Planned? {
      AccessDeadlines.next(blockDueAt: block, deleteDueAt: deletion, after: moment)
    }
    #expect(next(block: day(7), after: day(0)) == .init(.blockNotice, at: day(6)))
    #expect(next(block: day(7), after: day(6)) == .init(.block, at: day(7)))
    #expect(next(deletion: day(30), after: day(0)) == .init(.deletionNotice, at: day(23)))
    #expect(next(deletion: day(30), after: day(23)) == .init(.deletion, at: day(30)))
  }
}
