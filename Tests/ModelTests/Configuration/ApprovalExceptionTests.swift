import EntitlementModel
import Foundation
import Testing

@Suite("Decision 15: everybody outside without approval takes a signature")
struct ApprovalExceptionTests {
  private static func administrator(_ name: String) -> Administrator {
    Administrator(subject: nil, identity: .init(issuer: "contoso", subject: name))
  }

  private static let standing = ApprovalException(
    reason: "The press kit is public", signedBy: administrator("grace"), signedAt: day(1))

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reason: String
    let standing: ApprovalException?
    let mayAdminister: Bool
    /// By whom it is signed then; nil where it is refused.
    let signedBy: String?
  }

  static let rows = [
    Row(
      testDescription: "An administrator of the tenant signs", reason: "The press kit is public",
      standing: nil,
      mayAdminister: true, signedBy: "ben"),
    Row(
      testDescription: "Nobody else does", reason: "The press kit is public", standing: nil,
      mayAdminister: false,
      signedBy: nil),
    Row(
      testDescription: "One that stands is kept by whoever saves the policy",
      reason: "The press kit is public",
      standing: standing, mayAdminister: false, signedBy: "grace"),
    Row(
      testDescription: "And keeps its signature when another administrator does",
      reason: "The press kit is public",
      standing: standing, mayAdminister: true, signedBy: "grace"),
    Row(
      testDescription: "Another reason is another exception", reason: "The samples are public",
      standing: standing,
      mayAdminister: true, signedBy: "ben"),
    Row(
      testDescription: "Which nobody else gives either", reason: "The samples are public", standing: standing,
      mayAdminister: false, signedBy: nil),
  ]

  @Test("Who signs", arguments: rows)
  func signs(row: Row) throws {
    func sign() throws -> ApprovalException {
      try ApprovalException.signed(
        row.reason, after: row.standing, by: Self.administrator("ben"), mayAdminister: row.mayAdminister,
        at: day(9))
    }
    guard let signedBy = row.signedBy else {
      let refusal = #expect(throws: Refusal.self) { try sign() }
      return #expect(refusal?.reasons.map(\.code) == [.forbidden])
    }
    let exception = try sign()
    #expect(exception.reason == row.reason && exception.signedBy.identity.subject == signedBy)
    #expect(exception.signedAt == (signedBy == "grace" ? day(1) : day(9)))
  }
}
