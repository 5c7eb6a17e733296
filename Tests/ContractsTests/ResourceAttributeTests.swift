import Contracts
import EntitlementModel
import Foundation
import Protocols
import SwiftProtobuf
import Testing

@Suite("Attributes that resources ask for")
struct ResourceAttributeTests {
  typealias Attribute = Vestibule_Model_V1_ResourceAttribute

  static let costCenter = Attribute.with {
    ($0.name, $0.isEditable) = ("costCenter", true)
    $0.question = .with {
      ($0.text, $0.isRequired, $0.textInput.isSingleLineQuestion) = ("Which cost centre?", true, true)
    }
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var originSystem = "directory"
    let attributes: [Attribute]
    var fields: [String] = []
  }

  static func changed(_ change: (inout Attribute) -> Void) -> Attribute {
    var attribute = costCenter
    change(&attribute)
    return attribute
  }

  static let rows = [
    Row(testDescription: "One that people are asked for", attributes: [costCenter]),
    Row(
      testDescription: "Where the connector can not write any", originSystem: "ticketing",
      attributes: [costCenter], fields: ["attributes"]),
    Row(
      testDescription: "What the person's account is made with", attributes: [changed { $0.name = "email" }],
      fields: ["attributes[0].name"]),
    Row(
      testDescription: "No name", attributes: [changed { $0.name = "cost center" }],
      fields: ["attributes[0].name"]),
    Row(
      testDescription: "The same twice", attributes: [costCenter, costCenter], fields: ["attributes[1]"]),
    Row(
      testDescription: "A question with a name of its own", attributes: [changed { $0.question.id = "cost" }],
      fields: ["attributes[0].question.id"]),
    Row(
      testDescription: "Editable in two places",
      attributes: [changed { $0.question.isAnswerEditable = true }],
      fields: ["attributes[0].question.is_answer_editable"]),
    Row(
      testDescription: "Several values",
      attributes: [
        changed {
          $0.question.multipleChoice.choices = [.with { ($0.actualValue, $0.text) = ("a", "A") }]
          $0.question.multipleChoice.isMultipleSelectionAllowed = true
        }
      ], fields: ["attributes[0].question.multiple_choice.is_multiple_selection_allowed"]),
    Row(
      testDescription: "No source", attributes: [changed { $0.source = nil }],
      fields: ["attributes[0].source"]),
  ]

  @Test("What can not be written, or asked, is refused with what would be right", arguments: rows)
  func validates(row: Row) {
    let object = Configuration.sample { object in
      object.resource = .with {
        ($0.catalog, $0.displayName, $0.kind) = (uuid(4).text, "Reports", .application)
        ($0.originSystem, $0.originID, $0.roles) = (row.originSystem, "reports", ["reader"])
        $0.attributes = row.attributes
      }
    }
    var reasons: [Reason] = []
    do throws(Refusal) { try object.validate() } catch { reasons = error.reasons }
    #expect(reasons.map(\.field) == row.fields.map { "resource.\($0)" })
    #expect(reasons.allSatisfy { !$0.hint.isEmpty })
  }

  @Test("Answers name connector and attribute; whether it is editable, the attribute says")
  func names() throws {
    let filled = Self.changed { $0.originSystem = "directory" }
    let attribute = try ResourceAttribute(filled)
    #expect(attribute.id == "directory.costCenter" && attribute.question.id == attribute.id)
    #expect(attribute.question.isAnswerEditable && !attribute.isPersistedOnAssignmentRemoval)
    #expect(filled.asked.id == attribute.id)
    #expect(QuestionAnswer(question: attribute.id, values: []).isForAttribute)
    #expect(!QuestionAnswer(question: "project", values: []).isForAttribute)
  }

  @Test("The user directory is where they are kept, unless something else is said")
  func normalizes() {
    var object = Configuration.sample { $0.resource.attributes = [Self.changed { $0.originSystem = "sap" }] }
    object.normalize()
    #expect(object.resource.attributes[0].destination == .userDirectoryAttributeStore(.init()))
    #expect(object.resource.attributes[0].originSystem.isEmpty)
  }
}
