import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf

/// Shows what a live assignment's policy asks now and what is answered, to whoever may change it.
struct ReadAnswers: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ assignment: UUID, tenant: UUID, principal: Principal, in languages: LanguagePreference,
    on connection: Connection
  ) throws -> Vestibule_Api_V1_GetAnswersResponse {
    let configuration = try store.load([tenant], on: connection)
    guard
      let origin = try RequestTable(connection: connection).find([assignment], tenants: [tenant])[assignment],
      origin.request.id == origin.request.assignment
    else { throw Refusal.notFound }
    let asked = AssignmentAsk(principal: principal, tenant: tenant, assignment: assignment)
    let colleagues = try Colleagues(
      [Colleagues.Ask(asked, of: origin.held, configuration)].compactMap(\.self), tenants: [tenant],
      connection)
    let access = try AssignmentAccess(
      principal, to: origin.held, for: .update, configuration, colleagues)
    try origin.requireLive()
    guard let id = origin.held.assignmentPolicy, let objects = configuration.tenants[tenant],
      let policy = objects.policies[id],
      case .assignmentPolicy(let message) = objects.objects[id]?.object.object
    else { throw Refusal(.editNotAllowed, "The policy of this access is gone.") }
    let given = Dictionary(origin.answers.answers.map { ($0.question, $0.values) }) { first, _ in first }
    return .with { response in
      response.questions = (message.questions + objects.attributeQuestions(of: policy.accessPackage)).map {
        question in
        .with {
          ($0.question, $0.values) = (question.shown(in: languages), given[question.id] ?? [])
          $0.isEditable = access.mayChange(question, isAnswered: given[question.id] != nil, policy)
        }
      }
    }
  }
}

extension TenantConfiguration {
  /// As they are shown.
  func attributeQuestions(of package: UUID) -> [Vestibule_Model_V1_Question] {
    guard case .accessPackage(let message) = objects[package]?.object.object else { return [] }
    return message.attributes.map(\.asked)
  }
}

extension AssignmentAccess {
  fileprivate func mayChange(
    _ question: Vestibule_Model_V1_Question, isAnswered: Bool, _ policy: AssignmentPolicy
  ) -> Bool {
    switch self {
    case .administrator: true
    case .onBehalf: question.isAnswerEditable || !isAnswered
    case .own: policy.maySelfUpdate && (question.isAnswerEditable || !isAnswered)
    }
  }
}
