import EntitlementModel
import Foundation
import Testing

@Suite("A request comes in")
struct SubmissionTests {
  static func draft(
    _ kind: AccessRequest.Kind = .userAdd, startsAt: Date? = nil, term: Term = Term(duration: .days(180))
  ) -> AccessRequest.Draft {
    AccessRequest.Draft(
      id: requestID, tenant: contoso, kind: kind, target: annaAsTarget, requestor: anna,
      accessPackage: package,
      assignmentPolicy: policy, organization: fabrikam, startsAt: startsAt, term: term)
  }

  @Test("One that needs approval waits and tells submitted")
  func waits() {
    let (request, events) = AccessRequest.submit(Self.draft(), needsApproval: true, at: noon)
    #expect(request.state == .pendingApproval)
    #expect(request.version == 1)
    #expect(request.assignment == requestID, "an assignment bears the id of the request that makes it")
    #expect(events == [.submitted])
  }

  @Test("One that needs none starts out granted and tells approved alone")
  func isGrantedAtOnce() {
    let (request, events) = AccessRequest.submit(Self.draft(), needsApproval: false, at: noon)
    #expect(request.state == .delivering)
    #expect(request.version == 1)
    #expect(events == [.approved])
  }

  @Test("Decision 11: a start in the past means now")
  func pastStartIsNow() {
    let (request, events) = AccessRequest.submit(
      Self.draft(startsAt: day(-1)), needsApproval: false, at: noon)
    #expect(request.startsAt == nil)
    #expect(events == [.approved])
  }

  @Test("A start in the future waits for its day")
  func futureStartWaits() {
    let (request, events) = AccessRequest.submit(Self.draft(startsAt: day(2)), needsApproval: false, at: noon)
    #expect(request.state == .scheduled)
    #expect(request.status == .pendingNotBefore)
    #expect(events == [.scheduled])
  }

  @Test("Decision 11: a chosen end that has passed when it is granted ends it denied, EndPassed")
  func passedEndIsDenied() {
    var request = AccessRequest.sample(.pendingApproval, term: Term(latestEnd: day(1)))
    let events = request.approvalCompleted(.approved, at: day(1))
    #expect(request.state == .denied)
    #expect(request.status == .endPassed)
    #expect(events == [.denied])
  }

  @Test("A removal has no end that could pass")
  func removalIgnoresTheEnd() {
    var request = AccessRequest.sample(.pendingApproval, .userRemove, term: Term(latestEnd: noon))
    #expect(request.approvalCompleted(.approved, at: day(1)) == [.approved])
  }

  @Test("Decision 10: an extension's new end counts from the decision")
  func extensionCountsFromTheDecision() {
    var request = AccessRequest.sample(.pendingApproval, .userUpdate, term: Term(duration: .days(90)))
    _ = request.approvalCompleted(.approved, at: day(5))
    #expect(request.term == Term(latestEnd: day(95)))
  }

  @Test("Decision 11: an addition's duration does not count from the decision")
  func additionKeepsItsDuration() {
    var request = AccessRequest.sample(.pendingApproval, .userAdd, term: Term(duration: .days(90)))
    _ = request.approvalCompleted(.approved, at: day(5))
    #expect(request.term == Term(duration: .days(90)))
  }

  @Test(
    "Decision 7: open is what has neither been granted in full nor ended",
    arguments: [
      (AccessRequest.State.pendingApproval, true), (.scheduled, true), (.delivering, true),
      (.partiallyDelivered, true), (.delivered, false), (.deliveryFailed, false), (.denied, false),
      (.canceled, false),
    ])
  func isOpen(state: AccessRequest.State, isOpen: Bool) {
    #expect(state.isOpen == isOpen)
  }
}
