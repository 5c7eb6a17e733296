import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Terms of use, demanded and accepted")
struct TermsTests {
  private static let terms = UUID()

  private func demand(
    _ intake: IntakeFixture, isWaived: Bool = false, version: Int32 = 1, text: String = "Do right."
  ) async throws {
    try await put(intake, version: version, text: text)
    try await intake.putPolicy {
      $0.terms = [Self.terms.text]
      $0.areTermsWaivedForDirectAssignment = isWaived
    }
  }

  private func put(_ intake: IntakeFixture, version: Int32, text: String) async throws {
    try await intake.put("agreement", id: Self.terms) {
      $0.terms = .with {
        ($0.displayName, $0.version, $0.text) = ("Agreement", version, text)
        $0.localizations = [.with { ($0.languageCode, $0.text) = ("de", "Tue recht.") }]
      }
    }
  }

  private static func accepted(_ version: Int = 1) -> [AcceptedTerms] {
    [AcceptedTerms(terms: terms, version: version, language: "de")]
  }

  private func acceptances(_ intake: IntakeFixture, of person: Principal) async throws -> [StoredAcceptance] {
    try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ReadTerms(store: store).acceptances(
        of: person.subject, terms: nil, tenant: tenant, page: PageRequest(limit: 10), principal: person,
        on: connection)
    }
  }

  private func text(
    _ intake: IntakeFixture, version: Int?, _ languages: String
  ) async throws -> Vestibule_Api_V1_TermsText {
    let (preference, person) = (try LanguagePreference(languages, at: "languages"), intake.guest("ann"))
    return try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ReadTerms(store: store).text(
        of: Self.terms, version: version, in: preference, tenant: tenant, principal: person, on: connection)
    }
  }

  @Test("Without them a request is refused, with which and where to read; accepted they are on record")
  func demanded() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let person = try await intake.person("ann")
      let refusal = await #expect(throws: Refusal.self) { try await intake.submit(by: person) }
      #expect(refusal?.reasons.map(\.code) == [.termsNotAccepted])
      #expect(refusal?.reasons.first?.hint.hasPrefix("terms=\(Self.terms.text) version=1") == true)
      #expect(try await acceptances(intake, of: person).isEmpty)

      let made = try await intake.submit(by: person) { $0.acceptedTerms = Self.accepted() }
      #expect(made.termsAcceptance == .accepted)
      let stored = try #require(try await acceptances(intake, of: person).first)
      #expect(stored.person == person.subject && stored.accepted == Self.accepted()[0])
      #expect(stored.at.isSameInstant(as: intake.now))
    }
  }

  @Test("Somebody who was never here accepts with the first request")
  func firstRequest() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let made = try await intake.submit(by: intake.guest("new")) { $0.acceptedTerms = Self.accepted() }
      let person = intake.guest("new", subject: UUID(text: made.target.subject))
      #expect(try await acceptances(intake, of: person).count == 1)
    }
  }

  @Test("A new version is asked again, at the next request and at an extension; a translation is not")
  func newVersion() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let person = try await intake.person("ann")
      let made = try await intake.submit(by: person) { $0.acceptedTerms = Self.accepted() }
      try await intake.fold([intake.assignment(of: made, .delivered, version: 2)])
      intake.wait(.days(170))

      let refusal = await #expect(throws: Refusal.self) {
        try await put(intake, version: 1, text: "Do well.")
      }
      #expect(refusal?.reasons.map(\.hint) == ["2"])
      try await put(intake, version: 2, text: "Do well.")
      let codes = try await intake.extend(made, by: person).refusalCodes
      #expect(codes == [.termsNotAccepted])
      _ = try await intake.accept(Self.accepted(2)[0], by: person)
      #expect(try await intake.extend(made, by: person).get().termsAcceptance == .accepted)
      #expect(try await acceptances(intake, of: person).map(\.accepted.version) == [1, 2])
      #expect(try await text(intake, version: 1, "de").text == "Tue recht.")
      #expect(try await text(intake, version: 1, "fr").text == "Do right.")
      #expect(try await text(intake, version: nil, "").text == "Do well.")
    }
  }

  @Test("What was accepted is no other text after it was deleted, and can be read still")
  func deleted() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let person = try await intake.person("ann")
      _ = try await intake.submit(by: person) { $0.acceptedTerms = Self.accepted() }
      try await intake.putPolicy()
      try await intake.delete(Self.terms)
      #expect(try await text(intake, version: 1, "fr").text == "Do right.")
      #expect(try await refusalCodes { try await text(intake, version: nil, "fr") } == [.notFound])
      #expect(try await refusalCodes { try await text(intake, version: 2, "fr") } == [.notFound])
      let refusal = await #expect(throws: Refusal.self) {
        try await put(intake, version: 1, text: "Pay a million.")
      }
      #expect(refusal?.reasons.map(\.hint) == ["2"])
      let kind = try await refusalCodes {
        try await intake.put("agreement", id: Self.terms) { $0.catalog.displayName = "No terms" }
      }
      #expect(kind == [.outOfRange])
      // The same words come back as they were.
      try await demand(intake)
      #expect(try await text(intake, version: nil, "fr").version == 1)
      try await put(intake, version: 2, text: "Pay a million.")
    }
  }

  @Test("What an administrator assigns waits for the person's word, unless the policy does without")
  func assigned() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let manager = intake.administrator()
      let made = try await intake.submit(by: manager) { $0.targetSubject = ann.subject }
      #expect(made.termsAcceptance == .pending)
      #expect(try await pending(intake) == [made.id])
      let forOthers = await #expect(throws: Refusal.self) {
        try await intake.submit(by: manager) {
          ($0.targetSubject, $0.acceptedTerms) = (bob.subject, Self.accepted())
        }
      }
      #expect(forOthers?.reasons.map(\.field) == ["accepted_terms"])

      _ = try await intake.accept(Self.accepted()[0], by: ann)
      #expect(try await intake.request(made.id)?.request.terms == .accepted)
      #expect(try await pending(intake) == [])

      try await demand(intake, isWaived: true)
      let exempt = try await intake.submit(by: manager) { $0.targetSubject = bob.subject }
      #expect(exempt.termsAcceptance == .exempt)
      #expect(try await pending(intake) == [])
    }
  }

  @Test("Who has accepted is assigned nothing that waits; what waits is settled by any acceptance")
  func settledByAnyAcceptance() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let other = try await intake.putAnotherPackage { $0.terms = [Self.terms.text] }
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let manager = intake.administrator()
      let assigned = try await intake.submit(by: manager) { $0.targetSubject = ann.subject }
      let held = try await intake.submit(by: manager) { $0.targetSubject = bob.subject }
      #expect(try await pending(intake).sorted() == [assigned.id, held.id].sorted())

      _ = try await intake.submit(by: ann) {
        ($0.accessPackage, $0.acceptedTerms) = (other, Self.accepted())
      }
      #expect(try await pending(intake) == [held.id])
      #expect(try await intake.request(assigned.id)?.request.terms == .accepted)

      // An administrator's extension waits for a new version, until that is accepted.
      _ = try await intake.accept(Self.accepted()[0], by: bob)
      try await intake.fold([intake.assignment(of: held, .delivered, version: 2)])
      try await put(intake, version: 2, text: "Do well.")
      intake.wait(.days(170))
      let longer = try await intake.extend(held, by: manager).get()
      #expect(longer.termsAcceptance == .pending)
      _ = try await intake.submit(by: bob) {
        ($0.accessPackage, $0.acceptedTerms) = (other, Self.accepted(2))
      }
      #expect(try await intake.request(longer.id)?.request.terms == .accepted)
      #expect(try await pending(intake) == [])
      #expect(
        try await intake.submit([
          intake.submission(by: manager) { ($0.accessPackage, $0.targetSubject) = (other, ann.subject) }
        ])[0].refusalCodes == [.openRequestExists])
    }
  }

  @Test("Assigned and accepted at the same moment, for twenty people: nothing goes on waiting")
  func races() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      var people: [Principal] = []
      for number in 0..<20 { people.append(try await intake.person("p\(number)")) }
      try await withThrowingTaskGroup { group in
        for person in people {
          group.addTask { _ = try await intake.accept(Self.accepted()[0], by: person) }
          group.addTask {
            _ = try await intake.submit(by: intake.administrator()) { $0.targetSubject = person.subject }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await pending(intake) == [])
    }
  }

  @Test("An old version is not accepted, and accepting twice is one acceptance, the first")
  func acceptance() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      let person = try await intake.person("ann")
      let first = try await intake.accept(Self.accepted()[0], by: person)
      intake.wait(.days(1))
      #expect(try await intake.accept(Self.accepted()[0], by: person).at.isSameInstant(as: first.at))
      try await put(intake, version: 2, text: "Do well.")
      let codes = try await refusalCodes { try await intake.accept(Self.accepted()[0], by: person) }
      #expect(codes == [.versionConflict])
    }
  }

  @Test("Whoever may ask is shown what is asked, in the language that they read; others see nothing")
  func requirements() async throws {
    try await IntakeFixture.run { intake in
      try await demand(intake)
      try await intake.putPolicy {
        $0.terms = [Self.terms.text]
        $0.questions = [
          .with {
            ($0.id, $0.text) = ("project", "Which project?")
            $0.localizations = [.with { ($0.languageCode, $0.text) = ("de", "Welches Projekt?") }]
            $0.textInput.isSingleLineQuestion = true
          }
        ]
      }
      let person = try await intake.person("ann")
      let german = try await requirements(intake, of: person, "de-AT, en;q=0.5")
      #expect(german.policies.map(\.assignmentPolicy) == [intake.policy.text])
      #expect(german.policies.first?.questions.map(\.text) == ["Welches Projekt?"])
      #expect(german.policies.first?.terms.map(\.isAccepted) == [false])
      _ = try await intake.accept(Self.accepted()[0], by: person)
      let english = try await requirements(intake, of: person, "en")
      #expect(english.policies.first?.questions.map(\.text) == ["Which project?"])
      #expect(english.policies.first?.terms.map(\.isAccepted) == [true])
      let codes = try await refusalCodes {
        try await requirements(intake, of: intake.guest("stranger", isMatched: false), "")
      }
      #expect(codes == [.notFound])
    }
  }

  private func requirements(
    _ intake: IntakeFixture, of person: Principal, _ languages: String
  ) async throws -> Vestibule_Api_V1_PolicyRequirementsResponse {
    let preference = try LanguagePreference(languages, at: "languages")
    return try await intake.read {
      [store = intake.store, asked = intake.submission(by: person), now = intake.now] in
      try ReadRequirements(store: store)(asked, in: preference, on: $0, at: now)
    }
  }

  private func pending(_ intake: IntakeFixture) async throws -> [String] {
    let administrator = intake.administrator()
    return try await intake.read { [store = intake.store, tenant = intake.tenant] connection in
      try ReadTerms(store: store)
        .pending(tenant: tenant, page: PageRequest(limit: 10), principal: administrator, on: connection).map(
          \.id)
    }
  }
}

extension IntakeFixture {
  func accept(_ accepted: AcceptedTerms, by person: Principal) async throws -> StoredAcceptance {
    try await commit { [store, tenant] work in
      try AcceptTerms(store: store)(accepted, tenant: tenant, principal: person, work)
    }
  }
}
