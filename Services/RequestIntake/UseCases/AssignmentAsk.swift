import Contracts
import EntitlementModel
import Foundation
import Identity

/// What a caller asks about an assignment that exists: more time, another policy, other answers, or its end.
struct AssignmentAsk: Sendable {
  let principal: Principal
  let tenant: UUID
  let assignment: UUID
  var justification = ""
  var acceptedTerms: [AcceptedTerms] = []
  /// The whole set, where answers are to be changed; what another policy asks, where that is.
  var answers: [QuestionAnswer] = []
  var idempotencyKey = ""
}

struct Extension: IdempotentAsk {
  let ask: AssignmentAsk

  static var operation: IdempotencyKey.Operation { .extend }
  var principal: Principal { ask.principal }
  var tenant: UUID { ask.tenant }
  var idempotencyKey: String { ask.idempotencyKey }
  var body: [String] {
    [ask.assignment.text, ask.justification] + ask.acceptedTerms.flatMap { [$0.terms.text, "\($0.version)"] }
  }
}

struct AnswersUpdate: IdempotentAsk {
  let ask: AssignmentAsk

  static var operation: IdempotencyKey.Operation { .updateAnswers }
  var principal: Principal { ask.principal }
  var tenant: UUID { ask.tenant }
  var idempotencyKey: String { ask.idempotencyKey }
  var body: [String] {
    [ask.assignment.text, ask.justification]
      + ask.answers.flatMap { [$0.question, "\($0.values.count)"] + $0.values }
  }
}

struct PolicyChange: IdempotentAsk {
  let ask: AssignmentAsk
  let policy: UUID
  var end: ChosenEnd?

  static var operation: IdempotencyKey.Operation { .changePolicy }
  var principal: Principal { ask.principal }
  var tenant: UUID { ask.tenant }
  var idempotencyKey: String { ask.idempotencyKey }
  var body: [String] {
    [ask.assignment.text, ask.justification, policy.text, end?.text ?? ""]
      + ask.answers.flatMap { [$0.question, "\($0.values.count)"] + $0.values }
      + ask.acceptedTerms.flatMap { [$0.terms.text, "\($0.version)"] }
  }
}

struct Removal: IdempotentAsk {
  let ask: AssignmentAsk

  static var operation: IdempotencyKey.Operation { .remove }
  var principal: Principal { ask.principal }
  var tenant: UUID { ask.tenant }
  var idempotencyKey: String { ask.idempotencyKey }
  var body: [String] { [ask.assignment.text, ask.justification] }
}
