import EntitlementModel
import Foundation
import Testing

@Suite("Decision 25: what nobody may hold together")
struct SeparationOfDutiesTests {
  static let (payments, audits, request) = (uuid(61), uuid(62), uuid(63))

  static func exception(_ subject: UUID = anna, until end: Date) -> SeparationException {
    SeparationException(subject: subject, reason: "Until the successor is there", endsAt: end)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The exceptions of each conflict that there is.
    let conflicts: [[SeparationException]]
    let refusals: Int
    var endsBy: Date?
  }

  static let rows = [
    Row(testDescription: "Nothing incompatible is held", conflicts: [], refusals: 0),
    Row(testDescription: "Something is, without an exception", conflicts: [[]], refusals: 1),
    Row(testDescription: "Every conflict is told", conflicts: [[], []], refusals: 2),
    Row(
      testDescription: "An exception allows it until it ends", conflicts: [[exception(until: day(30))]],
      refusals: 0, endsBy: day(30)),
    Row(
      testDescription: "One that has ended does not", conflicts: [[exception(until: day(1))]], refusals: 1),
    Row(
      testDescription: "Somebody else's does not", conflicts: [[exception(ben, until: day(30))]], refusals: 1),
    Row(
      testDescription: "Either package may make it, and the longer counts",
      conflicts: [[exception(until: day(30)), exception(until: day(60))]], refusals: 0, endsBy: day(60)),
    Row(
      testDescription: "Of several conflicts the first end counts",
      conflicts: [[exception(until: day(60))], [exception(until: day(30))]], refusals: 0, endsBy: day(30)),
    Row(
      testDescription: "An exception for one conflict is none for another",
      conflicts: [[exception(until: day(60))], []], refusals: 1, endsBy: day(60)),
  ]

  @Test("What is held stands in the way, unless an exception is made", arguments: rows)
  func judges(row: Row) {
    let conflicts = row.conflicts.enumerated().map { index, exceptions in
      SeparationOfDuties.Conflict(
        other: uuid(UInt8(70 + index)), standing: Self.request, exceptions: exceptions)
    }
    let finding = SeparationOfDuties.judge(conflicts, of: anna, at: day(1))
    #expect(finding.reasons.map(\.code) == Array(repeating: .incompatibleAccess, count: row.refusals))
    #expect(finding.reasons.allSatisfy { $0.hint == Self.request.uuidString.lowercased() })
    #expect(finding.endsBy == row.endsBy)
  }
}
