import EntitlementModel
import Foundation
import Testing

@Suite("Terms of use that a policy demands")
struct TermsDemandTests {
  static let agreement = TermsOfUse(
    id: uuid(20), displayName: "Agreement", version: 2, text: "Do right.", localizations: ["de": "Tue recht."]
  )
  static let secrecy = TermsOfUse(id: uuid(21), displayName: "Secrecy", version: 1, text: "Say nothing.")

  private static func offer(_ terms: TermsOfUse, version: Int? = nil) -> AcceptedTerms {
    AcceptedTerms(terms: terms.id, version: version ?? terms.version, language: "de")
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let recorded: Set<TermsDemand.AcceptedVersion>
    let offered: [AcceptedTerms]
    let missing: [TermsOfUse]

    init(
      _ description: String, recorded: [(TermsOfUse, Int)] = [], offered: [AcceptedTerms] = [],
      missing: [TermsOfUse]
    ) {
      testDescription = description
      self.recorded = Set(recorded.map { .init(terms: $0.0.id, version: $0.1) })
      (self.offered, self.missing) = (offered, missing)
    }
  }

  static let rows = [
    Row("Nothing accepted", missing: [agreement, secrecy]),
    Row("One with the request", offered: [offer(secrecy)], missing: [agreement]),
    Row("Both with the request", offered: [offer(agreement), offer(secrecy)], missing: []),
    Row("On record in these versions", recorded: [(agreement, 2), (secrecy, 1)], missing: []),
    Row("On record in an earlier version", recorded: [(agreement, 1), (secrecy, 1)], missing: [agreement]),
    Row(
      "An earlier version with the request", offered: [offer(agreement, version: 1)],
      missing: [agreement, secrecy]),
    Row(
      "One on record, one with the request", recorded: [(secrecy, 1)], offered: [offer(agreement)],
      missing: []),
  ]

  @Test("Each that is not accepted in its present version is named, with where to read it", arguments: rows)
  func demands(row: Row) {
    let reasons = TermsDemand([Self.agreement, Self.secrecy], recorded: row.recorded)
      .reasons(offered: row.offered)
    #expect(reasons.allSatisfy { $0.code == .termsNotAccepted && $0.field == "accepted_terms" })
    #expect(
      reasons.map(\.hint)
        == row.missing.map {
          "terms=\($0.id.uuidString.lowercased()) version=\($0.version) read=vestibule.api.v1.TermsOfUse/Read"
        })
  }

  @Test("Only what is new in a present version goes on record")
  func record() {
    let demand = TermsDemand(
      [Self.agreement, Self.secrecy], recorded: [.init(terms: Self.secrecy.id, version: 1)])
    let other = AcceptedTerms(terms: uuid(22), version: 1, language: "")
    let offered = [
      Self.offer(Self.agreement), Self.offer(Self.secrecy), other, Self.offer(Self.agreement, version: 1),
    ]
    #expect(demand.new(of: offered) == [Self.offer(Self.agreement)])
  }

  @Test("What an administrator assigns is accepted already, is accepted later, or does without")
  func assigned() {
    let accepted: Set<TermsDemand.AcceptedVersion> = [.init(terms: Self.secrecy.id, version: 1)]
    #expect(TermsDemand([], recorded: []).acceptance(isExempt: false) == nil)
    #expect(TermsDemand([Self.secrecy], recorded: accepted).acceptance(isExempt: true) == .accepted)
    #expect(TermsDemand([Self.secrecy], recorded: []).acceptance(isExempt: false) == .pending)
    #expect(TermsDemand([Self.secrecy], recorded: []).acceptance(isExempt: true) == .exempt)
  }

  @Test("What was accepted stays as it is: other texts need a higher version, a further language does not")
  func versions() {
    func changed(_ change: (inout TermsOfUse) -> Void) -> Bool {
      var terms = Self.agreement
      change(&terms)
      return terms.mayReplace(Self.agreement)
    }
    #expect(changed { _ in })
    #expect(changed { $0.localizations["fr"] = "Fais bien." })
    #expect(changed { ($0.text, $0.version) = ("Do well.", 3) })
    #expect(!changed { $0.text = "Do well." })
    #expect(!changed { $0.localizations["de"] = "Tue gut." })
    #expect(!changed { $0.localizations["de"] = nil })
    #expect(!changed { ($0.text, $0.version) = ("Do well.", 1) })
  }
}
