/// A value of a guest's account that a resource needs and people are asked for; Graph's
/// `accessPackageResourceAttribute`. It is kept on the account at the resource's connector.
package struct ResourceAttribute: Sendable, Hashable, Identifiable {
  /// The connector whose account bears it.
  package let originSystem: String
  package let name: String
  package let source: Source
  /// Whether it stays on the account when the access ends.
  package let isPersistedOnAssignmentRemoval: Bool

  package enum Source: Sendable, Hashable {
    case question(Question)
  }

  package init(
    originSystem: String, name: String, source: Source, isPersistedOnAssignmentRemoval: Bool = false
  ) {
    (self.originSystem, self.name, self.source) = (originSystem, name, source)
    self.isPersistedOnAssignmentRemoval = isPersistedOnAssignmentRemoval
  }

  /// Of an account there is one: resources that ask for the same share it. Answers name it.
  package var id: String { Self.id(of: name, at: originSystem) }

  package static func id(of name: String, at originSystem: String) -> String { "\(originSystem).\(name)" }

  package var question: Question {
    switch source {
    case .question(let question): question
    }
  }

  /// The connectors whose accounts have attributes that can be written.
  package static let originSystems: Set<String> = ["directory"]

  /// What an account is made with follows the person, not a question.
  package static let reservedNames: Set<String> = ["accountName", "displayName", "email", "isEnabled"]
}

extension QuestionAnswer {
  /// Whether it is for an attribute of an account: policies' questions bear no dot.
  package var isForAttribute: Bool { question.contains(".") }
}
