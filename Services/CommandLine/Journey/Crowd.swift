import EntitlementModel
import Foundation
import Identity

/// Many people of one partner, each with an identity and a token of their own.
struct Crowd: Sendable {
  let tokens: [String]

  var count: Int { tokens.count }

  /// - Parameter name: of each person: `person-17`, with an address at `fabrikam.example`.
  init(_ count: Int, name: String, of issuerName: String, issuer: DevelopmentIssuer) async throws {
    let people = (0..<count).map { number in
      DevelopmentIssuer.Person(
        subject: "\(name)-\(number)", email: "\(name)-\(number)@\(issuerName).example",
        name: "\(name) \(number)")
    }
    tokens = try await issuer.mint(issuerName: issuerName, people, lifetime: 12 * 3_600)
  }
}
