import EntitlementModel
import Foundation
import Testing

@Suite("Erasing what is known of a person (decision 27)")
struct ErasureTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  private static func person(_ change: (inout Subject) -> Void = { _ in }) -> Subject {
    var person = Subject(
      id: UUID(), tenant: UUID(), name: "anna", email: "anna@fabrikam.example", displayName: "Anna",
      kind: .external, identities: [Identity(issuer: "https://login.fabrikam.example", subject: "anna")])
    person.leftAt = now
    change(&person)
    return person
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let person: Subject
    var facts = ErasureFacts()
    let reasons: [Reason.Code]
  }

  static let cases: [Case] = [
    Case(testDescription: "left, nothing stands", person: person(), reasons: []),
    Case(testDescription: "has not left", person: person { $0.leftAt = nil }, reasons: [.accessNotEnded]),
    Case(
      testDescription: "a request waits or access lasts", person: person(),
      facts: ErasureFacts(standing: [UUID()]), reasons: [.accessNotEnded]),
    Case(
      testDescription: "a change of the person waits", person: person(),
      facts: ErasureFacts(waiting: [UUID()]),
      reasons: [.inUse]),
    Case(
      testDescription: "an account is left", person: person(), facts: ErasureFacts(hasAccount: true),
      reasons: [.accountNotDeleted]),
    Case(
      testDescription: "another subject stands in", person: person(), facts: ErasureFacts(survivor: UUID()),
      reasons: [.inUse]),
    Case(
      testDescription: "held", person: person { _ = $0.hold(because: "lawsuit", at: now) },
      reasons: [.underLegalHold]),
    Case(
      testDescription: "held as another subject", person: person(), facts: ErasureFacts(held: [UUID()]),
      reasons: [.underLegalHold]),
    Case(
      testDescription: "no longer held",
      person: person {
        _ = $0.hold(because: "lawsuit", at: now)
        _ = $0.liftHold(at: now + 1)
      }, reasons: []),
    Case(
      testDescription: "everything at once",
      person: person {
        _ = $0.hold(because: "lawsuit", at: now)
        $0.leftAt = nil
      }, facts: ErasureFacts(standing: [UUID()], waiting: [UUID()], hasAccount: true),
      reasons: [.underLegalHold, .accessNotEnded, .accessNotEnded, .inUse, .accountNotDeleted]),
  ]

  @Test("Everything that stands in the way is named", arguments: cases)
  func obstacles(_ item: Case) {
    #expect(item.person.obstacles(toErasure: item.facts).map(\.code) == item.reasons)
  }

  @Test("Ids stay, and what follows from them; said again it changes nothing")
  func erased() {
    var person = Self.person {
      $0.bar = Subject.Bar(reason: "stole", until: nil)
      _ = $0.hold(because: "lawsuit", at: Self.now)
      _ = $0.liftHold(at: Self.now + 1)
    }
    let before = person
    person.erase(at: Self.now + 2)
    #expect(person.isErased && person.version == before.version + 1)
    #expect(person.id == before.id && person.tenant == before.tenant && person.leftAt == before.leftAt)
    #expect([person.name, person.email, person.displayName, person.bar?.reason] == ["", "", "", ""])
    #expect(person.identities.isEmpty && person.legalHold?.reason == "")
    let once = person
    person.erase(at: Self.now + 3)
    #expect(person == once)
  }
}
