import EntitlementModel
import Foundation
import Testing

@Suite("Decisions 17 and 26: what waits for a second administrator")
struct PendingConfirmationTests {
  static func administrator(_ name: String, _ subject: UUID? = nil) -> Administrator {
    Administrator(
      subject: subject, identity: Identity(issuer: "https://login.contoso.example", subject: name))
  }

  static func sample(people: Int = 60) -> PendingConfirmation {
    PendingConfirmation(
      id: uuid(90), tenant: contoso, object: policy, objectVersion: 3, widens: [], people: people,
      sample: [anna],
      askedBy: administrator("grace", ben), askedAt: noon, expiresAt: day(7))
  }

  @Test(
    "Fewer than 51 never wait; of more than a thousand people 5 % may go",
    arguments: [
      (50, 10, false), (51, 10, true), (50, 1_000, false), (51, 1_019, true), (51, 1_020, false),
      (500, 10_000, false), (501, 10_000, true),
    ])
  func limit(affected: Int, people: Int, exceeds: Bool) {
    #expect(MassChange.exceeds(affected, people: people) == exceeds)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let by: Administrator
    var askers: Set<UUID> = [ben]
    var version = 3
    var seen = 60
    var now = 60
    var at = day(1)
    var state = PendingConfirmation.State.pending
    var refusal: Reason.Code?
  }

  static let rows = [
    Row(testDescription: "Another administrator", by: administrator("ann", anna), state: .confirmed),
    Row(testDescription: "Another one who is no person of ours", by: administrator("x"), state: .confirmed),
    Row(testDescription: "Whoever asked", by: administrator("grace", ben), refusal: .ownChange),
    Row(
      testDescription: "The same person, signed in otherwise", by: administrator("g", ben),
      refusal: .ownChange),
    Row(
      testDescription: "A person who was linked to the asker since", by: administrator("g", anna),
      askers: [ben, anna],
      refusal: .ownChange),
    Row(
      testDescription: "What it is about changed meanwhile", by: administrator("ann", anna), version: 4,
      state: .void),
    Row(
      testDescription: "More people by now than the dry run said", by: administrator("ann", anna), now: 61,
      refusal: .dryRunOutdated),
    Row(testDescription: "Fewer by now", by: administrator("ann", anna), now: 12, state: .confirmed),
    Row(
      testDescription: "Too late", by: administrator("ann", anna), at: day(7), refusal: .confirmationExpired),
  ]

  @Test("Who confirms, and when", arguments: rows)
  func confirming(row: Row) {
    var confirmation = Self.sample()
    var refusal: Reason.Code?
    do throws(Refusal) {
      try confirmation.confirm(
        by: row.by, askers: row.askers, objectVersion: row.version, people: (row.seen, row.now), at: row.at)
    } catch {
      refusal = error.reasons.first?.code
    }
    #expect(refusal == row.refusal)
    #expect(confirmation.state == row.state)
    #expect(confirmation.version == (row.refusal == nil ? 2 : 1))
  }

  @Test("What is decided stays decided; whoever asked may take it back; its time ends it")
  func decided() throws {
    let due = Due(aggregate: uuid(90), version: 1, at: day(7))
    var rejected = Self.sample()
    try rejected.reject(by: Self.administrator("grace", ben), at: day(1))
    #expect(throws: Refusal.self) {
      try rejected.confirm(
        by: Self.administrator("ann"), askers: [], objectVersion: 3, people: (60, 60), at: day(1))
    }
    rejected.expire(due)
    #expect(rejected.state == .rejected)
    var forgotten = Self.sample()
    forgotten.expire(Due(aggregate: uuid(90), version: 1, at: day(6)))
    #expect(forgotten.state == .pending)
    forgotten.expire(due)
    #expect(forgotten.state == .expired && forgotten.version == 2)
    #expect(throws: Refusal.self) { try forgotten.reject(by: Self.administrator("ann"), at: day(8)) }
  }

  @Test(
    "Settings that take more, or sooner, concern guests who are without access",
    arguments: [
      (LifecycleSettings.Action.none, LifecycleSettings.Action.blockSignIn, 30, true),
      (.blockSignIn, .blockSignInAndDelete, 30, true), (.blockSignInAndDelete, .blockSignIn, 30, false),
      (.blockSignInAndDelete, .blockSignInAndDelete, 7, true),
      (.blockSignInAndDelete, .blockSignInAndDelete, 60, false), (.none, .none, 7, false),
    ])
  func settings(old: LifecycleSettings.Action, new: LifecycleSettings.Action, days: Int, takesMore: Bool) {
    let (before, after) = (
      LifecycleSettings(action: old, deletionDelay: .days(30)),
      LifecycleSettings(action: new, deletionDelay: .days(days))
    )
    #expect(after.takesMore(than: before, from: noon) == takesMore)
  }
}
