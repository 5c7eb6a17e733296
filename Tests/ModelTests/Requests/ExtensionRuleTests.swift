import EntitlementModel
import Foundation
import Testing

@Suite("Decision 10: extending")
struct ExtensionRuleTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let now: Date
    var policy = AssignmentPolicy.sample()
    var deliveredAt: Date? = noon
    var endsAt: Date? = day(180)
    var contractEnd: Date?
    var isAdministrator = false
    let refused: Reason.Code?
  }

  static let rows = [
    Row(testDescription: "30 days before the end", now: day(150), refused: nil),
    Row(testDescription: "A day earlier is too early", now: day(149), refused: .extensionTooEarly),
    Row(
      testDescription: "Of a short term the last third", now: day(20), endsAt: day(30), refused: nil),
    Row(
      testDescription: "And not before it", now: day(19), endsAt: day(30), refused: .extensionTooEarly),
    Row(
      testDescription: "Administrators need not wait", now: day(10), isAdministrator: true, refused: nil),
    Row(
      testDescription: "A policy may forbid it", now: day(170), policy: .sample(maySelfUpdate: false),
      refused: .extensionNotAllowed),
    Row(
      testDescription: "What never ends needs none", now: day(170), endsAt: nil, refused: .extensionNotAllowed
    ),
    Row(testDescription: "What is over stays over", now: day(180), refused: .assignmentNotLive),
    Row(
      testDescription: "The contract's end caps it", now: day(170), contractEnd: day(180),
      refused: .extensionLimitReached),
    Row(
      testDescription: "So does maximumTotalDuration", now: day(170),
      policy: .sample(maximumTotalDuration: .days(180)), refused: .extensionLimitReached),
  ]

  @Test("Allowed in the last 30 days or the last third, up to the caps", arguments: rows)
  func judges(row: Row) {
    let result = ExtensionRule.judge(
      policy: row.policy, organization: .sample(contractEnd: row.contractEnd), deliveredAt: row.deliveredAt,
      endsAt: row.endsAt, isAdministrator: row.isAdministrator, at: row.now)
    switch result {
    case .success: #expect(row.refused == nil)
    case .failure(let refusal): #expect(refusal.reasons.map(\.code) == [row.refused])
    }
  }
}
