import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

extension IntakeFixture {
  func move(
    _ request: Vestibule_Model_V1_Request, to policy: UUID, by principal: Principal, endsAt: Date? = nil,
    answers: [QuestionAnswer] = [], accepting: [AcceptedTerms] = [], key: String = ""
  ) async throws -> RequestAnswers.Answer {
    var asked = try ask(request, by: principal)
    (asked.acceptedTerms, asked.answers, asked.idempotencyKey) = (accepting, answers, key)
    let item = PolicyChange(ask: asked, policy: policy, end: endsAt.map { .at($0) })
    return try await commit { [store] work in try ChangePolicies(store: store)([item], work) }[0]
  }

  /// A second policy of the package: 30 days.
  func putSecondPolicy(
    _ id: UUID, _ change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void = { _ in }
  ) async throws {
    try await putPolicy("second", id: id) {
      $0.expiration.duration = "P30D"
      change(&$0)
    }
  }

  /// Access under the first policy since now.
  func delivered(
    _ principal: Principal, _ answers: [QuestionAnswer] = []
  ) async throws -> Vestibule_Model_V1_Request {
    let request = try await submit(by: principal) { ($0.assignmentPolicy, $0.answers) = (policy, answers) }
    try await fold([
      assignment(of: request, .delivered, version: 2) { $0.assignmentPolicy = request.assignmentPolicy }
    ])
    return request
  }

  /// The assignment after it has been moved.
  func moved(_ request: Vestibule_Model_V1_Request, by update: Vestibule_Model_V1_Request, version: Int)
    -> Vestibule_Model_V1_Assignment
  {
    assignment(of: request, .delivered, version: version, days: 30) {
      ($0.answeredRequest, $0.assignmentPolicy) = (update.id, update.assignmentPolicy)
    }
  }
}

@Suite("Moving access to another policy")
struct PolicyChangeTests {
  @Test(
    "The end is the new policy's, counted from the decision; what held the old policy holds the new one then")
  func moves() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      try await intake.putSecondPolicy(second)
      let request = try await intake.delivered(ann)
      intake.wait(.days(10))
      let update = try await intake.move(request, to: second, by: ann, key: "k").get()
      #expect(update.requestType == .userUpdate && update.state == .delivering)
      #expect(update.assignmentPolicy == second.text && update.assignment == request.id)
      #expect(update.endDateTime.instant?.isSameInstant(as: intake.now + .days(30)) == true)
      #expect(try await intake.move(request, to: second, by: ann, key: "k").get().id == update.id)
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [.openRequestExists])
      // Both policies are needed while it is on its way.
      for id in [intake.policy, second] {
        #expect(try await refusalCodes { try await intake.delete(id) } == [.inUse])
      }
      try await intake.fold([intake.moved(request, by: update, version: 3)])
      #expect(try await intake.request(update.id)?.request.state == .delivered)
      #expect(try await intake.request(request.id)?.held.assignmentPolicy == second)
      #expect(try await intake.request(request.id)?.request.assignmentPolicy == intake.policy, "as asked")
      try await intake.delete(intake.policy)
      #expect(try await refusalCodes { try await intake.delete(second) } == [.inUse])
      let again = try await intake.move(request, to: second, by: ann)
      #expect(again.refusalCodes == [.outOfRange], "it is there already")
      // More time is judged by the policy that it has now.
      intake.wait(.days(25))
      let extended = try await intake.extend(request, by: ann).get()
      #expect(extended.assignmentPolicy == second.text)
      #expect(extended.endDateTime.instant?.isSameInstant(as: intake.now + .days(30)) == true)
    }
  }

  @Test("It is judged as if it were asked for: for whom, what is asked, who approves, and what it excludes")
  func isJudged() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      let request = try await intake.delivered(ann)
      #expect(try await intake.move(request, to: UUID(), by: ann).refusalCodes == [.policyNotMatched])
      try await intake.putSecondPolicy(second) {
        ($0.allowedTargetScope, $0.specificAllowedTargets) = (.allMemberUsers, [])
      }
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [.policyNotMatched])
      try await intake.putSecondPolicy(second) {
        $0.questions = [.with { ($0.id, $0.text, $0.isRequired) = ("project", "Which project?", true) }]
        $0.questions[0].textInput = .init()
        $0.requestApprovalSettings.isRequestorJustificationRequired = true
      }
      let silent = try await intake.move(request, to: second, by: ann).refusalCodes
      #expect(Set(silent) == [.answerRequired, .justificationRequired])
      try await intake.putSecondPolicy(second) { $0.isDisabled = true }
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [.policyDisabled])
      let approver = try await intake.putSubject { $0.email = "approver@contoso.example" }
      try await intake.putSecondPolicy(second) {
        $0.requestApprovalSettings = .with {
          $0.isApprovalRequiredForAdd = true
          $0.stages = [
            .with {
              $0.durationBeforeAutomaticDenial = "P14D"
              $0.primaryApprovers = [.with { $0.singleUser.subject = approver.id }]
            }
          ]
        }
      }
      let waiting = try await intake.move(request, to: second, by: ann).get()
      #expect(waiting.state == .pendingApproval)
      #expect(try await intake.request(request.id)?.held.assignmentPolicy == intake.policy, "access goes on")
      intake.wait(.days(3))
      try await intake.decide(waiting, .approved)
      let granted = try #require(try await intake.request(waiting.id)?.request)
      #expect(granted.state == .delivering)
      #expect(granted.term.latestEnd?.isSameInstant(as: intake.now + .days(30)) == true, "from the decision")
      // An administrator's move needs nobody's yes.
      let bob = try await intake.delivered(try await intake.person("bob"))
      let moved = try await intake.move(bob, to: second, by: intake.administrator()).get()
      #expect(moved.requestType == .adminUpdate && moved.state == .delivering)
    }
  }

  @Test("Of a move and an extension that meet one is made; a removal by an administrator cancels what waits")
  func races() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      try await intake.putSecondPolicy(second)
      let request = try await intake.delivered(ann)
      intake.wait(.days(170))
      async let extending = intake.extend(request, by: ann)
      async let moving = intake.move(request, to: second, by: ann)
      let answers = try await [extending, moving]
      #expect(answers.map(\.refusalCodes).sorted { $0.count < $1.count } == [[], [.openRequestExists]])

      let approver = try await intake.putSubject { $0.email = "approver@contoso.example" }
      try await intake.putSecondPolicy(second) {
        $0.requestApprovalSettings = .with {
          $0.isApprovalRequiredForAdd = true
          $0.stages = [
            .with {
              $0.durationBeforeAutomaticDenial = "P14D"
              $0.primaryApprovers = [.with { $0.singleUser.subject = approver.id }]
            }
          ]
        }
      }
      let bob = try await intake.person("bob")
      let held = try await intake.delivered(bob)
      let waiting = try await intake.move(held, to: second, by: bob).get()
      _ = try await intake.remove(held, by: intake.administrator()).get()
      #expect(try await intake.request(waiting.id)?.request.state == .canceled)

      // Access that ends meanwhile ends the move, whenever it is approved.
      let carl = try await intake.person("carl")
      let ending = try await intake.delivered(carl)
      let late = try await intake.move(ending, to: second, by: carl).get()
      try await intake.fold([intake.assignment(of: ending, .expired, version: 3)])
      try await intake.decide(late, .approved)
      #expect(try await intake.request(late.id)?.request.status == .assignmentEnded)
    }
  }

  @Test(
    "Only what is delivered is moved, by whoever may change it; never to an end within the hour of others")
  func whoMay() async throws {
    try await IntakeFixture.run { intake in
      let (ann, bob, second) = (try await intake.person("ann"), try await intake.person("bob"), UUID())
      try await intake.putSecondPolicy(second) { $0.expiration.duration = "PT30M" }
      let waiting = try await intake.submit(by: bob) { $0.assignmentPolicy = intake.policy }
      #expect(try await intake.move(waiting, to: second, by: bob).refusalCodes == [.assignmentNotLive])
      let request = try await intake.delivered(ann)
      #expect(try await intake.move(request, to: second, by: bob).refusalCodes == [.notFound])
      #expect(
        try await intake.move(request, to: second, by: intake.administrator()).refusalCodes == [.outOfRange])
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [])
    }
  }

  @Test("A chosen end lies within what the policy gives; the whole of it counts from the first delivery")
  func ends() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      try await intake.putSecondPolicy(second) { $0.maximumTotalDuration = "P20D" }
      let request = try await intake.delivered(ann)
      let delivered = intake.now
      intake.wait(.days(10))
      let long = try await intake.move(request, to: second, by: ann, endsAt: intake.now + .days(11))
      #expect(long.refusalCodes == [.outOfRange])
      let update = try await intake.move(request, to: second, by: ann).get()
      #expect(update.endDateTime.instant?.isSameInstant(as: delivered + .days(20)) == true)
    }
  }

  @Test("What was answered counts where the new policy asks the same, and the whole set stands from then on")
  func answers() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second) = (try await intake.person("ann"), UUID())
      func ask(_ names: [String]) -> (inout Vestibule_Model_V1_AssignmentPolicy) -> Void {
        { policy in
          policy.questions = names.map { name in
            .with {
              ($0.id, $0.text, $0.isRequired) = (name, name, true)
              $0.textInput.isSingleLineQuestion = true
            }
          }
        }
      }
      try await intake.putPolicy { ask(["project", "employer"])(&$0) }
      try await intake.putSecondPolicy(second, ask(["project", "badge"]))
      func given(_ content: KeyValuePairs<String, String>) -> [QuestionAnswer] {
        content.map { QuestionAnswer(question: $0, values: [$1]) }
      }
      let request = try await intake.delivered(ann, given(["project": "Spring", "employer": "Fabrikam"]))
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [.answerRequired])
      let update = try await intake.move(request, to: second, by: ann, answers: given(["badge": "7"])).get()
      #expect(update.update == .newPolicy && update.answers.map(\.question) == ["badge", "project"])
      try await intake.fold([intake.moved(request, by: update, version: 3)])
      let stored = try #require(try await intake.request(request.id))
      #expect(stored.answers.answers == given(["badge": "7", "project": "Spring"]))
      #expect(stored.request.answers.count == 2, "as asked")
      let readable = try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
        try ReadAnswers(store: store)(
          stored.request.id, tenant: tenant, principal: ann, in: .none, on: connection)
      }
      #expect(readable.questions.map(\.question.id) == ["project", "badge"])
      #expect(readable.questions.map(\.values) == [["Spring"], ["7"]])
    }
  }

  @Test("The terms of the new policy are asked for, and are those of the access from then on")
  func terms() async throws {
    try await IntakeFixture.run { intake in
      let (ann, second, terms) = (try await intake.person("ann"), UUID(), UUID())
      try await intake.put("agreement", id: terms) {
        $0.terms = .with {
          ($0.displayName, $0.version, $0.text) = ("Agreement", 1, "What you see stays here.")
        }
      }
      try await intake.putSecondPolicy(second) { $0.terms = [terms.text] }
      let request = try await intake.delivered(ann)
      #expect(try await intake.move(request, to: second, by: ann).refusalCodes == [.termsNotAccepted])
      let accepted = [AcceptedTerms(terms: terms, version: 1, language: "")]
      let update = try await intake.move(request, to: second, by: ann, accepting: accepted).get()
      #expect(update.termsAcceptance == .accepted)
      try await intake.fold([intake.moved(request, by: update, version: 3)])
      #expect(try await intake.request(request.id)?.request.terms == .accepted)

      let bob = try await intake.delivered(try await intake.person("bob"))
      let assigned = try await intake.move(bob, to: second, by: intake.administrator()).get()
      #expect(assigned.termsAcceptance == .pending)
      try await intake.fold([intake.moved(bob, by: assigned, version: 3)])
      #expect(try await intake.request(bob.id)?.request.terms == .pending)
    }
  }
}
