import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Answers of live assignments that change")
struct AnswerUpdateTests {
  private static let before = ["project": "Spring", "employer": "Fabrikam"]
  private static let after = ["project": "Summer", "employer": "Fabrikam"]

  /// A person's delivered access under a policy that asks two questions, one of which may be answered anew.
  private func delivered(
    _ intake: IntakeFixture, asksForApproval: Bool = false,
    _ change: (inout Vestibule_Model_V1_AssignmentPolicy) -> Void = { _ in }
  ) async throws -> (person: Principal, request: Vestibule_Model_V1_Request) {
    if asksForApproval { try await intake.requireApproval() }
    let settings = try await intake.read {
      [store = intake.store, tenant = intake.tenant, id = intake.policy] in
      try store.load([tenant], on: $0).tenants[tenant]?.objects[id]?.object.assignmentPolicy
        .requestApprovalSettings
    }
    try await intake.putPolicy { policy in
      if asksForApproval, let settings {
        policy.requestApprovalSettings = settings
        policy.requestApprovalSettings.isApprovalRequiredForAdd = false
      }
      policy.questions = ["project", "employer"].map { name in
        .with {
          ($0.id, $0.text, $0.isRequired, $0.isAnswerEditable) = (name, name, true, name == "project")
          $0.textInput.isSingleLineQuestion = true
        }
      }
      change(&policy)
    }
    let person = try await intake.person("ann")
    let request = try await intake.submit(by: person) { $0.answers = Self.answers(Self.before) }
    try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
    return (person, request)
  }

  private static func answers(_ content: [String: String]) -> [QuestionAnswer] {
    content.sorted { $0.key < $1.key }.map { QuestionAnswer(question: $0, values: [$1]) }
  }

  private func update(
    _ intake: IntakeFixture, _ request: Vestibule_Model_V1_Request, by principal: Principal,
    to content: [String: String] = after, key: String = ""
  ) async throws -> RequestAnswers.Answer {
    var ask = try intake.ask(request, by: principal)
    (ask.answers, ask.idempotencyKey) = (Self.answers(content), key)
    let item = AnswersUpdate(ask: ask)
    return try await intake.commit { [store = intake.store] work in
      try UpdateAnswers(store: store)([item], work)
    }[0]
  }

  private func present(
    _ intake: IntakeFixture, _ request: Vestibule_Model_V1_Request, for principal: Principal
  )
    async throws -> [String: [String]]
  {
    let assignment = try Field.id(request.assignment, at: "assignment")
    let response = try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ReadAnswers(store: store)(
        assignment, tenant: tenant, principal: principal, in: .none, on: connection)
    }
    return Dictionary(
      uniqueKeysWithValues: response.questions.map {
        ($0.question.id + ($0.isEditable ? "*" : ""), $0.values)
      })
  }

  @Test("An edit applies at once where updates need no approval, and the earlier answers stay on record")
  func applies() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake)
      let edit = try await update(intake, request, by: person).get()
      #expect(edit.requestType == .userUpdate && edit.update == .newAnswers && edit.state == .delivering)
      #expect(try await intake.told(.requestApproved) == 2)
      #expect(
        try await present(intake, request, for: person) == [
          "project*": ["Spring"], "employer": ["Fabrikam"],
        ],
        "not before the assignment has taken them")
      let taken = intake.assignment(of: request, .delivered, version: 3) { $0.answeredRequest = edit.id }
      for _ in 1...2 { try await intake.fold([taken]) }
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      #expect(try await intake.request(edit.id)?.request.state == .delivered)
      #expect(try await intake.told(.requestDelivered) == 2)
      #expect(
        try await present(intake, request, for: person) == ["project*": ["Summer"], "employer": ["Fabrikam"]])
      #expect(try await intake.request(request.id)?.request.answers == Self.answers(Self.before))
      #expect(try await intake.request(edit.id)?.request.answers == Self.answers(Self.after))
    }
  }

  @Test("Where updates need approval it waits for it; denied, the earlier answers stand")
  func approval() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake, asksForApproval: true)
      let edit = try await update(intake, request, by: person).get()
      #expect(edit.state == .pendingApproval && edit.answers.count == 2)
      #expect(try await intake.told(.requestSubmitted) == 1)
      // One change of an assignment is open: another edit, or an extension, is told which.
      intake.wait(.days(170))
      for other in [
        try await update(intake, request, by: person, to: ["project": "Autumn", "employer": "Fabrikam"]),
        try await intake.extend(request, by: person),
      ] {
        #expect(other.refusalCodes == [.openRequestExists])
        if case .failure(let refusal) = other { #expect(refusal.reasons.first?.hint == edit.id) }
      }
      try await intake.decide(edit, .denied)
      #expect(try await intake.request(edit.id)?.request.state == .denied)
      #expect(try await present(intake, request, for: person)["project*"] == ["Spring"])
      let next = try await update(intake, request, by: person).get()
      try await intake.decide(next, .approved)
      try await intake.fold([
        intake.assignment(of: request, .delivered, version: 3) { $0.answeredRequest = next.id }
      ])
      #expect(try await present(intake, request, for: person)["project*"] == ["Summer"])
    }
  }

  @Test("Who may not, what may not, and what no longer lives is refused, and says why")
  func refuses() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake)
      let ben = try await intake.person("ben")
      let moved = ["project": "Spring", "employer": "Northwind"]
      #expect(try await update(intake, request, by: person, to: moved).refusalCodes == [.answerNotEditable])
      #expect(
        try await update(intake, request, by: person, to: Self.before).refusalCodes == [.answersUnchanged])
      #expect(
        try await update(intake, request, by: person, to: ["employer": "Fabrikam"]).refusalCodes
          == [.answerRequired])
      #expect(try await update(intake, request, by: ben).refusalCodes == [.notFound])
      let byAdministrator = try await update(intake, request, by: intake.administrator(), to: moved).get()
      #expect(byAdministrator.requestType == .adminUpdate && byAdministrator.state == .delivering)
      try await intake.fold([intake.assignment(of: request, .expired, version: 4)])
      #expect(try await intake.request(byAdministrator.id)?.request.state == .canceled)
      #expect(try await update(intake, request, by: person).refusalCodes == [.assignmentNotLive])
    }
  }

  @Test("It is judged by the policy as it is now: what it asks, and whether people may change anything")
  func presentPolicy() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake)
      try await intake.putPolicy { policy in
        policy.questions = [
          .with {
            ($0.id, $0.text, $0.isAnswerEditable) = ("project", "Which?", true)
            ($0.textInput.isSingleLineQuestion, $0.textInput.regexPattern) = (true, "[A-Z]{2}-[0-9]{4}")
          }
        ]
      }
      #expect(try await present(intake, request, for: person) == ["project*": ["Spring"]])
      #expect(
        try await update(intake, request, by: person).refusalCodes == [.unknownQuestion, .answerNotAllowed])
      #expect(
        try await update(intake, request, by: person, to: ["project": "DE-4711"]).get().state == .delivering)
      try await intake.putPolicy { $0.requestorSettings.enableTargetsToSelfAddAccess = true }
      #expect(try await update(intake, request, by: person, to: [:]).refusalCodes == [.editNotAllowed])
    }
  }

  @Test("The same key asks once; the same key with other answers is a conflict")
  func idempotency() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake)
      let first = try await update(intake, request, by: person, key: "once").get()
      #expect(try await update(intake, request, by: person, key: "once").get().id == first.id)
      try await intake.fold([
        intake.assignment(of: request, .delivered, version: 3) { $0.answeredRequest = first.id }
      ])
      #expect(try await update(intake, request, by: person, key: "once").get().id == first.id)
      let other = ["project": "Autumn", "employer": "Fabrikam"]
      #expect(
        try await update(intake, request, by: person, to: other, key: "once").refusalCodes
          == [.idempotencyConflict])
      #expect(try await intake.told(.requestApproved) == 2)
    }
  }

  @Test(
    "A sponsor whom the policy lets change others' access does so for the partner's people; barred, nobody does"
  )
  func onBehalf() async throws {
    try await IntakeFixture.run { intake in
      let sponsor = try await intake.person("sponsor")
      try await intake.putOrganization { $0.externalSponsors = [sponsor.subject?.text ?? ""] }
      let (person, request) = try await delivered(intake) {
        $0.requestorSettings = .with {
          ($0.enableTargetsToSelfAddAccess, $0.enableTargetsToSelfUpdateAccess) = (true, true)
          $0.enableOnBehalfRequestorsToUpdateAccess = true
          $0.onBehalfRequestors = [.with { $0.externalSponsors = .init() }]
        }
      }
      let edit = try await update(intake, request, by: sponsor).get()
      #expect(edit.requestType == .userUpdate && edit.requestor == sponsor.subject?.text)
      try await intake.putSubject { subject in
        (subject.id, subject.email) = (person.subject?.text ?? "", "ann@fabrikam.example")
        subject.bar.reason = "Under suspicion"
      }
      #expect(try await update(intake, request, by: person).refusalCodes == [.subjectBarred])
    }
  }

  @Test("Twenty edits at once leave one")
  func race() async throws {
    try await IntakeFixture.run { intake in
      let (person, request) = try await delivered(intake)
      let answers = try await withThrowingTaskGroup(of: RequestAnswers.Answer.self) { group in
        for number in 1...20 {
          group.addTask {
            try await update(
              intake, request, by: person, to: ["project": "P\(number)", "employer": "Fabrikam"])
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.count { $0.refusalCodes.isEmpty } == 1)
      #expect(answers.count { $0.refusalCodes == [.openRequestExists] } == 19)
    }
  }
}
