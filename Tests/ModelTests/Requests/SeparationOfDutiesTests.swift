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
    /// Of the incompatible groups that she is in the exceptions.
    var groups: [String: [SeparationException]] = [:]
    /// All that she is.
    var person: Set<UUID> = [anna]
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
    Row(
      testDescription: "An exception for another identity of hers is hers",
      conflicts: [[exception(ben, until: day(30))]], refusals: 0, endsBy: day(30), person: [anna, ben]),
    Row(
      testDescription: "Whoever is in an incompatible group is refused", conflicts: [], refusals: 1,
      groups: ["auditors": []]),
    Row(
      testDescription: "An exception from a group allows it until it ends, too", conflicts: [], refusals: 0,
      endsBy: day(30), groups: ["auditors": [exception(until: day(30))]]),
    Row(
      testDescription: "Somebody else's, or one that has ended, does not", conflicts: [], refusals: 2,
      groups: ["auditors": [exception(until: day(1))], "buyers": [exception(ben, until: day(30))]]),
    Row(
      testDescription: "Of groups and packages together the first end counts",
      conflicts: [[exception(until: day(60))]], refusals: 0, endsBy: day(20),
      groups: ["auditors": [exception(until: day(20))]]),
  ]

  @Test("What is held stands in the way, unless an exception is made", arguments: rows)
  func judges(row: Row) {
    let conflicts = row.conflicts.enumerated().map { index, exceptions in
      SeparationOfDuties.Conflict(
        other: uuid(UInt8(70 + index)), standing: Self.request, exceptions: exceptions)
    }
    let finding = SeparationOfDuties.judge(conflicts, groups: row.groups, of: row.person, at: day(1))
    #expect(finding.reasons.map(\.code) == Array(repeating: .incompatibleAccess, count: row.refusals))
    let hints = [Self.request.uuidString.lowercased()] + row.groups.keys
    #expect(finding.reasons.allSatisfy { hints.contains($0.hint) })
    #expect(finding.endsBy == row.endsBy)
  }
  @Test("Where two packages are kept apart for two reasons, an exception from one of them is not enough")
  func everyGround() {
    func judge(_ grounds: [[SeparationException]]) -> SeparationOfDuties.Finding {
      SeparationOfDuties.judge(
        grounds.map {
          SeparationOfDuties.Conflict(other: Self.payments, standing: Self.request, exceptions: $0)
        }, of: [anna], at: day(1))
    }
    #expect(judge([[Self.exception(until: day(30))], []]).reasons.count == 1)
    let both = judge([[Self.exception(until: day(30))], [Self.exception(until: day(20))]])
    #expect(both == SeparationOfDuties.Finding(reasons: [], endsBy: day(20)))
  }
}
