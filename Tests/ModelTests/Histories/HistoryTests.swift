import EntitlementModel
import Foundation
import Testing

/// Order never matters: a reader that keeps the newest version ends in the same state however its messages come.
@Suite("Whole histories, permuted and repeated")
struct HistoryTests {
  /// An assignment's life by chance, as its owner tells it: the state at every version.
  static func life(_ generator: inout SplitMix64) -> [Assignment] {
    var assignment = Assignment.sample(.delivering)
    var told: [Assignment] = []
    for step in 1...12 {
      let input = AssignmentTests.Input.allCases.randomElement(using: &generator) ?? .allRolesGranted
      Self.apply(input, to: &assignment, at: day(step))
      if assignment.version != told.last?.version { told.append(assignment) }
    }
    return told + [Self.ended(assignment)]
  }

  /// Access is over in the end, so that every reader has come to rest.
  private static func ended(_ assignment: Assignment) -> Assignment {
    var assignment = assignment
    _ = assignment.remove(because: .removedByPerson)
    _ = assignment.entitlementsChanged(.init(wanted: 0, granted: 0, held: 0), at: day(30))
    return assignment
  }

  private static func apply(_ input: AssignmentTests.Input, to assignment: inout Assignment, at now: Date) {
    if input == .failure, Int(now.timeIntervalSince(noon)) / 86_400 % 2 == 0 {
      _ = assignment.fail(.endPassed)
    } else {
      _ = AssignmentTests.apply(input, to: &assignment)
    }
  }

  static func disordered(_ told: [Assignment], _ generator: inout SplitMix64) -> [Assignment] {
    (told + told).shuffled(using: &generator)
  }

  @Test("Intake's request ends the same", arguments: UInt64(1)...200)
  func requestFolds(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let told = Self.life(&generator)
    let inOrder = Self.fold(told)
    let disordered = Self.fold(Self.disordered(told, &generator))
    #expect(inOrder.state == disordered.state, "seed \(seed)")
    #expect(inOrder.status == disordered.status, "seed \(seed)")
  }

  private static func fold(_ messages: [Assignment]) -> AccessRequest {
    var (request, newest) = (AccessRequest.sample(.delivering), 0)
    for message in messages where message.version > newest {
      newest = message.version
      _ = request.assignmentChanged(message.summary, at: day(40))
    }
    return request
  }

  @Test("Expiry's plan ends the same", arguments: UInt64(1)...200)
  func planFolds(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let told = Self.life(&generator)
    let disordered = Self.disordered(told, &generator)
    #expect(Self.plan(told) == Self.plan(disordered), "seed \(seed)")
  }

  private static func plan(_ messages: [Assignment]) -> AccessDeadlines.Planned? {
    let newest = messages.max { $0.version < $1.version }
    return newest.flatMap {
      AccessDeadlines.next(for: $0.state, deliveredAt: $0.deliveredAt, endsAt: $0.endsAt, armedAt: day(0))
    }
  }

  @Test("Approval opens no approval for a request that has ended", arguments: UInt64(1)...50)
  func approvalFolds(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let submitted = AccessRequest.sample(.pendingApproval)
    var canceled = submitted
    _ = try canceled.cancel(at: day(1))
    let told = [submitted, canceled, submitted, canceled].shuffled(using: &generator)
    let approval = Self.approval(of: told)
    #expect(approval?.state != .pending, "seed \(seed)")
  }

  private static func approval(of messages: [AccessRequest]) -> ApprovalProcess? {
    let stage = AssignmentPolicy.Stage(timeout: .days(14), approvers: [.externalSponsors])
    var (approval, newest): (ApprovalProcess?, Int) = (nil, 0)
    for message in messages where message.version > newest {
      newest = message.version
      if message.state == .pendingApproval {
        approval = ApprovalProcess.open(message, stages: [stage], policy: policy).0
      } else {
        _ = approval?.cancel()
      }
    }
    return approval
  }

  @Test("Claims come and go in any order; the row is as the claims left say", arguments: UInt64(1)...100)
  func claimsFold(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var entitlement = EntitlementTests.sample()
    var claims: Set<UUID> = []
    for _ in 0..<30 {
      let assignment = uuid(UInt8.random(in: 40...43, using: &generator))
      if Bool.random(using: &generator) {
        entitlement.claim(by: assignment, at: noon)
        claims.insert(assignment)
      } else {
        entitlement.release(by: assignment, keepsFound: false, at: noon)
        claims.remove(assignment)
      }
      entitlement.attempt(foundAtTarget: false)
      entitlement.answered(.done(wasThere: false), generation: entitlement.generation, at: noon)
    }
    #expect(entitlement.claims == claims, "seed \(seed)")
    #expect(entitlement.state == (claims.isEmpty ? .revoked : .granted), "seed \(seed)")
  }

  @Test("Decision 23: no governed guest without an assignment stays active", arguments: UInt64(1)...100)
  func noZombies(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var (guest, live) = (GuestTests.sample(accounts: [GuestTests.ours]), 0)
    for step in 1...40 {
      if live == 0 || Bool.random(using: &generator) {
        _ = guest.assignmentBegan(annaAsTarget)
        live += 1
      } else {
        _ = guest.assignmentEnded(settings: .standard, hasOpenRequest: false, at: day(step))
        live -= 1
      }
      #expect(guest.liveAssignments == live, "seed \(seed)")
      #expect(guest.presence == (live == 0 ? .blocked : .active), "seed \(seed)")
      #expect((guest.deleteDueAt == nil) == (live > 0), "seed \(seed)")
    }
  }
}
