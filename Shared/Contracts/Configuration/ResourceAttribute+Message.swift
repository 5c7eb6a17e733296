package import EntitlementModel
package import Protocols

extension ResourceAttribute {
  /// An attribute as stored with a package, with its connector filled in.
  package init(_ message: Vestibule_Model_V1_ResourceAttribute) throws(ContractError) {
    if message.originSystem.isEmpty { throw Field.required("origin_system", "the resource's connector") }
    let id = Self.id(of: message.name, at: message.originSystem)
    switch message.source {
    case .question(let question):
      self.init(
        originSystem: message.originSystem, name: message.name,
        source: .question(try Question(question.named(id, isAnswerEditable: message.isEditable))),
        isPersistedOnAssignmentRemoval: message.isPersistedOnAssignmentRemoval)
    case nil: throw Field.required("source", "question")
    }
  }
}

extension Vestibule_Model_V1_ResourceAttribute {
  /// The question that answers name, as people are asked it.
  package var asked: Vestibule_Model_V1_Question {
    question.named(ResourceAttribute.id(of: name, at: originSystem), isAnswerEditable: isEditable)
  }
}

extension Vestibule_Model_V1_Question {
  fileprivate func named(_ id: String, isAnswerEditable: Bool) -> Self {
    var question = self
    (question.id, question.isAnswerEditable) = (id, isAnswerEditable)
    return question
  }
}
