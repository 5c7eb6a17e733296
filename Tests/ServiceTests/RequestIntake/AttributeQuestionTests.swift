import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Questions for the accounts that resources need")
struct AttributeQuestionTests {
  private func putResource(
    _ intake: IntakeFixture, _ name: String = "files", id: UUID? = nil,
    attributes: [(name: String, isEditable: Bool)]
  ) async throws {
    try await intake.put(name, id: id ?? intake.resource) {
      $0.resource = .with {
        ($0.catalog, $0.displayName, $0.kind) = (intake.catalog.text, "Files", .group)
        ($0.originSystem, $0.originID, $0.roles) = ("directory", name, ["member"])
        $0.attributes = attributes.map { attribute in
          .with {
            ($0.name, $0.isEditable) = attribute
            $0.question = .with {
              ($0.text, $0.isRequired) = (attribute.name, true)
              $0.textInput.isSingleLineQuestion = true
            }
          }
        }
      }
    }
  }

  /// Another package with these resources, under a policy of its own.
  private func putPackage(_ intake: IntakeFixture, _ resources: [UUID]) async throws -> UUID {
    let package = UUID()
    try await intake.put("second", id: package) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (intake.catalog.text, "Second")
        $0.resourceRoles = resources.map { resource in
          .with { ($0.resource, $0.role) = (resource.text, "member") }
        }
      }
    }
    try await intake.putPolicy("second", id: UUID()) { $0.accessPackage = package.text }
    return package
  }

  private func answers(_ content: [String: String]) -> [QuestionAnswer] {
    content.sorted { $0.key < $1.key }.map { QuestionAnswer(question: "directory.\($0)", values: [$1]) }
  }

  private func requirements(
    _ intake: IntakeFixture, _ package: UUID, for person: Principal
  ) async throws -> Vestibule_Api_V1_PolicyRequirements? {
    let asked = Submission(principal: person, tenant: intake.tenant, accessPackage: package)
    return try await intake.read { [store = intake.store, now = intake.now] connection in
      try ReadRequirements(store: store)(asked, in: .none, on: connection, at: now)
    }.policies.first
  }

  @Test("Every package with a role of the resource asks them, besides its policy's; nothing is taken without")
  func asks() async throws {
    try await IntakeFixture.run { intake in
      try await putResource(intake, attributes: [("employer", false), ("costCenter", true)])
      let person = try await intake.person("ann")
      let asked = try await requirements(intake, intake.package, for: person)
      #expect(asked?.questions.map(\.id) == ["directory.employer", "directory.costCenter"])
      let refusal = await #expect(throws: Refusal.self) { try await intake.submit(by: person) }
      #expect(
        refusal?.reasons.map(\.field) == ["answers.directory.employer", "answers.directory.costCenter"])
      let given = answers(["employer": "Fabrikam", "costCenter": "4711"])
      #expect(try await intake.submit(by: person) { $0.answers = given }.answers.count == 2)
    }
  }

  @Test("What live access has brought and stays is not asked again; what is editable is, with what is there")
  func stored() async throws {
    try await IntakeFixture.run { intake in
      try await putResource(intake, attributes: [("employer", false), ("costCenter", true)])
      let second = try await putPackage(intake, [intake.resource])
      let person = try await intake.person("ann")
      let first = try await intake.submit(by: person) {
        $0.answers = answers(["employer": "Fabrikam", "costCenter": "4711"])
      }
      let asked = try await requirements(intake, second, for: person)
      #expect(asked?.questions.map(\.id) == ["directory.costCenter"])
      #expect(asked?.existingAnswers.map(\.values) == [["4711"]])

      let other = try await intake.submit([
        intake.submission(by: person) {
          ($0.accessPackage, $0.answers) = (second, answers(["employer": "Northwind"]))
        }
      ])[0]
      #expect(other.refusalCodes == [.answerNotEditable])
      let next = try await intake.submit(by: person) {
        ($0.accessPackage, $0.answers) = (second, answers(["costCenter": "0815"]))
      }
      #expect(
        Dictionary(uniqueKeysWithValues: next.answers.map { ($0.question, $0.values) })
          == ["directory.employer": ["Fabrikam"], "directory.costCenter": ["0815"]])

      // With the access goes what it brought.
      try await intake.fold([
        intake.assignment(of: first, .expired, version: 3), intake.assignment(of: next, .expired, version: 3),
      ])
      #expect(try await requirements(intake, second, for: person)?.questions.count == 2)
    }
  }

  @Test("Somebody else's stored values, and those of what only waits, are nobody's")
  func othersAreOthers() async throws {
    try await IntakeFixture.run { intake in
      try await putResource(intake, attributes: [("employer", false)])
      try await intake.requireApproval()
      let (ann, ben) = (try await intake.person("ann"), try await intake.person("ben"))
      let second = try await putPackage(intake, [intake.resource])
      let waiting = try await intake.submit(by: ann) { $0.answers = answers(["employer": "Fabrikam"]) }
      #expect(try await requirements(intake, second, for: ann)?.questions.count == 1)
      try await intake.decide(waiting, .approved)
      #expect(try await requirements(intake, second, for: ann)?.questions.isEmpty == true)
      #expect(try await requirements(intake, second, for: ben)?.questions.count == 1)
    }
  }

  @Test("Two resources of one package may ask for the same attribute, if they ask the same")
  func conflicts() async throws {
    try await IntakeFixture.run { intake in
      let other = UUID()
      try await putResource(intake, attributes: [("costCenter", true)])
      try await putResource(
        intake, "mail", id: other, attributes: [("costCenter", true), ("employer", false)])
      let second = try await putPackage(intake, [intake.resource, other])
      let filled = try await intake.read { [store = intake.store, tenant = intake.tenant] in
        try store.load([tenant], on: $0).tenants[tenant]?.packages[second]?.attributes.map(\.id)
      }
      #expect(filled == ["directory.costCenter", "directory.employer"])
      let changed = try await refusalCodes {
        try await putResource(intake, "mail", id: other, attributes: [("costCenter", false)])
      }
      #expect(changed == [.outOfRange])
      // A resource that asks for nothing any more lets its packages ask for nothing any more.
      try await putResource(intake, "mail", id: other, attributes: [])
      let left = try await intake.read { [store = intake.store, tenant = intake.tenant] in
        try store.load([tenant], on: $0).tenants[tenant]?.packages[second]?.attributes.map(\.id)
      }
      #expect(left == ["directory.costCenter"])
    }
  }

  @Test("What other access has brought and stays is not answered otherwise by an edit; administrators may")
  func editsOfOthers() async throws {
    try await IntakeFixture.run { intake in
      try await putResource(intake, attributes: [("employer", false)])
      let second = try await putPackage(intake, [])
      let person = try await intake.person("ann")
      let first = try await intake.submit(by: person) { $0.answers = answers(["employer": "Fabrikam"]) }
      let other = try await intake.submit(by: person) { $0.accessPackage = second }
      try await intake.fold([first, other].map { intake.assignment(of: $0, .delivered, version: 2) })
      try await intake.put("second", id: second) {
        $0.accessPackage = .with {
          ($0.catalog, $0.displayName) = (intake.catalog.text, "Second")
          $0.resourceRoles = [.with { ($0.resource, $0.role) = (intake.resource.text, "member") }]
        }
      }
      func update(_ content: [String: String], by principal: Principal) async throws -> RequestAnswers.Answer
      {
        var ask = try intake.ask(other, by: principal)
        ask.answers = answers(content)
        let item = AnswersUpdate(ask: ask)
        return try await intake.commit { [store = intake.store] in try UpdateAnswers(store: store)([item], $0)
        }[0]
      }
      #expect(try await update(["employer": "Northwind"], by: person).refusalCodes == [.answerNotEditable])
      for same in [["employer": "Fabrikam"], [:]] {
        #expect(try await update(same, by: person).refusalCodes == [.answersUnchanged])
      }
      let changed = try await update(["employer": "Northwind"], by: intake.administrator()).get()
      #expect(changed.answers.map(\.values) == [["Northwind"]])
    }
  }

  @Test("Answers for attributes are edited like others, where the attribute is editable")
  func edits() async throws {
    try await IntakeFixture.run { intake in
      try await putResource(intake, attributes: [("employer", false), ("costCenter", true)])
      let person = try await intake.person("ann")
      let request = try await intake.submit(by: person) {
        $0.answers = answers(["employer": "Fabrikam", "costCenter": "4711"])
      }
      try await intake.fold([intake.assignment(of: request, .delivered, version: 2)])
      func update(_ content: [String: String]) async throws -> RequestAnswers.Answer {
        var ask = try intake.ask(request, by: person)
        ask.answers = answers(content)
        let item = AnswersUpdate(ask: ask)
        return try await intake.commit { [store = intake.store] in try UpdateAnswers(store: store)([item], $0)
        }[0]
      }
      #expect(
        try await update(["employer": "X", "costCenter": "4711"]).refusalCodes == [.answerNotEditable])
      let edit = try await update(["employer": "Fabrikam", "costCenter": "0815"]).get()
      #expect(edit.answers.map(\.values) == [["0815"], ["Fabrikam"]])
    }
  }
}
