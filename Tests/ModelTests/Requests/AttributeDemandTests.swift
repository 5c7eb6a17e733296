import EntitlementModel
import Testing

@Suite("What resources ask of a person besides the policy")
struct AttributeDemandTests {
  static func attribute(
    _ name: String, isEditable: Bool = false, isRequired: Bool = true, pattern: String? = nil
  )
    -> ResourceAttribute
  {
    let id = ResourceAttribute.id(of: name, at: "directory")
    return ResourceAttribute(
      originSystem: "directory", name: name,
      source: .question(
        Question(
          id: id, text: name, isRequired: isRequired, isAnswerEditable: isEditable,
          kind: .text(isSingleLine: true, pattern: pattern.flatMap { AnswerPattern($0) }))))
  }

  static let attributes = [
    attribute("employer"), attribute("costCenter", isEditable: true, pattern: "[0-9]{4}"),
    attribute("room", isRequired: false),
  ]

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stored: [String: String]
    let answers: [String: String]
    var asked = ["employer", "costCenter", "room"]
    var counts: [String: String]
    var codes: [Reason.Code] = []
  }

  static let rows = [
    Row(
      testDescription: "Nothing is stored: all is asked", stored: [:],
      answers: ["employer": "Fabrikam", "costCenter": "4711"],
      counts: ["employer": "Fabrikam", "costCenter": "4711"]),
    Row(
      testDescription: "What is stored and stays is not asked again, and counts",
      stored: ["employer": "Fabrikam"], answers: ["costCenter": "4711"], asked: ["costCenter", "room"],
      counts: ["employer": "Fabrikam", "costCenter": "4711"]),
    Row(
      testDescription: "What is stored and editable is asked again, and counts if nothing is answered",
      stored: ["employer": "Fabrikam", "costCenter": "4711"], answers: [:], asked: ["costCenter", "room"],
      counts: ["employer": "Fabrikam", "costCenter": "4711"]),
    Row(
      testDescription: "What is editable may be answered otherwise",
      stored: ["employer": "Fabrikam", "costCenter": "4711"], answers: ["costCenter": "0815"],
      asked: ["costCenter", "room"], counts: ["employer": "Fabrikam", "costCenter": "0815"]),
    Row(
      testDescription: "What stays may not, but may be repeated",
      stored: ["employer": "Fabrikam", "room": "1"],
      answers: ["employer": "Contoso", "costCenter": "4711", "room": "1"], asked: ["costCenter"],
      counts: ["employer": "Contoso", "costCenter": "4711", "room": "1"], codes: [.answerNotEditable]),
    Row(
      testDescription: "What is stored and would not be taken today is asked again",
      stored: ["costCenter": "B4"],
      answers: ["employer": "Fabrikam"], counts: ["employer": "Fabrikam"]),
  ]

  @Test("Nobody is asked twice for what is stored and stays", arguments: rows)
  func demands(row: Row) {
    func keyed(_ content: [String: String]) -> [String: [String]] {
      Dictionary(uniqueKeysWithValues: content.map { ("directory.\($0)", [$1]) })
    }
    let demand = AttributeDemand(Self.attributes, stored: keyed(row.stored))
    let answers = keyed(row.answers).map { QuestionAnswer(question: $0, values: $1) }
    let completed = demand.completed(answers)
    #expect(demand.open.map(\.text) == row.asked)
    #expect(Dictionary(uniqueKeysWithValues: completed.map { ($0.question, $0.values) }) == keyed(row.counts))
    #expect(demand.faults(of: answers).map(\.code) == row.codes)
  }
}
