import EntitlementModel
import Foundation
import Testing

@Suite("Decision 26: an approval that is taken back, and waits")
struct ApprovalRevocationTests {
  private static let by = uuid(41)

  private static func sample(_ state: ApprovalProcess.Revocation.State?) -> ApprovalProcess {
    ApprovalProcess(
      id: uuid(1), tenant: contoso, version: 4, state: .approved, target: annaAsTarget, requestor: anna,
      accessPackage: uuid(2), assignmentPolicy: uuid(3), organization: nil, justification: "",
      openedAt: noon,
      stages: [
        .init(
          .init(timeout: .days(14)), openedAt: noon,
          decisions: [
            .init(verdict: .approve, by: by, capacity: .singleUser, justification: "", at: day(1))
          ])
      ],
      revocation: state.map { .init(by: by, justification: "Over", at: day(9), state: $0) })
  }

  @Test(
    "What becomes of the confirmation, in every state",
    arguments: [
      // it is, the confirmation is: it becomes, and is told
      (.revoked, .pending, .waiting, [.revocationWaits]), (.revoked, .confirmed, .confirmed, [.revoked]),
      (.revoked, .rejected, .lapsed, [.revocationLapsed]), (.revoked, .expired, .lapsed, [.revocationLapsed]),
      (.revoked, .void, .lapsed, [.revocationLapsed]),
      (.waiting, .pending, .waiting, []), (.waiting, .confirmed, .confirmed, [.revoked]),
      (.waiting, .rejected, .lapsed, [.revocationLapsed]), (.waiting, .expired, .lapsed, [.revocationLapsed]),
      (.waiting, .void, .lapsed, [.revocationLapsed]),
      (.confirmed, .pending, .confirmed, []), (.confirmed, .confirmed, .confirmed, []),
      (.confirmed, .rejected, .confirmed, []), (.confirmed, .expired, .confirmed, []),
      (.confirmed, .void, .confirmed, []),
      (.lapsed, .pending, .lapsed, []), (.lapsed, .confirmed, .lapsed, []), (.lapsed, .rejected, .lapsed, []),
      (.lapsed, .expired, .lapsed, []), (.lapsed, .void, .lapsed, []),
    ]
      as [(
        ApprovalProcess.Revocation.State, PendingConfirmation.State, ApprovalProcess.Revocation.State,
        [ApprovalProcess.Event]
      )])
  func follows(
    before: ApprovalProcess.Revocation.State, confirmation: PendingConfirmation.State,
    after: ApprovalProcess.Revocation.State, told: [ApprovalProcess.Event]
  ) {
    var approval = Self.sample(before)
    let events = approval.follow(confirmation, ofRevocationAt: day(9))
    #expect(events == told && approval.revocation?.state == after && approval.state == .approved)
    #expect(approval.version == (told.isEmpty ? 4 : 5))
  }

  @Test("A confirmation of another revocation, or where nothing was taken back, says nothing")
  func others() {
    for state in [nil] + ApprovalProcess.Revocation.State.allCases {
      var approval = Self.sample(state)
      let events = approval.follow(.rejected, ofRevocationAt: day(8))
      #expect(events.isEmpty && approval == Self.sample(state))
    }
  }

  @Test(
    "Taken back again it changes nothing, unless it had lapsed; the new one is told from the old, whatever the clock",
    arguments: [
      (nil, day(9), day(9)), (.revoked, day(10), nil), (.waiting, day(10), nil), (.confirmed, day(10), nil),
      (.lapsed, day(10), day(10)), (.lapsed, day(9), day(9).addingTimeInterval(0.000_001)),
      (.lapsed, day(8), day(9).addingTimeInterval(0.000_001)),
    ] as [(ApprovalProcess.Revocation.State?, Date, Date?)])
  func again(before: ApprovalProcess.Revocation.State?, at now: Date, becomes: Date?) throws {
    var approval = Self.sample(before)
    let events = try approval.revoke(.init(by: Self.by, justification: "Over again", at: now))
    guard let becomes else {
      #expect(events.isEmpty && approval == Self.sample(before))
      return
    }
    #expect(events == [.revoked] && approval.version == 5)
    #expect(approval.revocation?.at.isSameInstant(as: becomes) == true)
    #expect(approval.revocation?.state == .revoked && approval.revocation?.justification == "Over again")
  }

  @Test("Whatever is heard of a confirmation in whatever order and however often, the end is the same")
  func anyOrder() {
    for end in [PendingConfirmation.State.confirmed, .rejected, .expired] {
      for order in [
        [.pending, end], [end, .pending], [end, end, .pending], [.pending, .pending, end, .pending],
      ] {
        var approval = Self.sample(.revoked)
        let told = order.flatMap { approval.follow($0, ofRevocationAt: day(9)) }
        #expect(approval.revocation?.state == (end == .confirmed ? .confirmed : .lapsed))
        #expect(told.last == (end == .confirmed ? .revoked : .revocationLapsed))
      }
    }
  }
}
