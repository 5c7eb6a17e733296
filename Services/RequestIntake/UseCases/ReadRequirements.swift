import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import SwiftProtobuf

/// Says what the policies that are for a caller ask of a request, in the caller's language.
struct ReadRequirements: Sendable {
  let store: ConfigurationStore

  /// - Throws: `notFound` for a package that is not for the caller.
  func callAsFunction(
    _ asked: Submission, in languages: LanguagePreference, on connection: Connection, at now: Date
  ) throws -> Vestibule_Api_V1_PolicyRequirementsResponse {
    let configuration = try store.load([asked.tenant], on: connection)
    guard asked.principal.tenant == asked.tenant, let tenant = configuration.tenants[asked.tenant],
      case .accessPackage(let package) = tenant.objects[asked.accessPackage]?.object.object
    else { throw Refusal.notFound }
    let eligibility = try ExplainEligibility.eligibility(of: asked, configuration, on: connection, at: now)
    let policies = eligibility.applicablePolicies.sorted { $0.id < $1.id }
    if policies.isEmpty { throw Refusal.notFound }
    let person = eligibility.subject
    let terms = try TermsOnRecord(of: [(person, asked.accessPackage)], configuration, connection)
    let stored = try StoredAttributes(
      of: [(person, asked.accessPackage)], configuration, RequestTable(connection: connection)
    ).demand(of: asked.accessPackage, person)
    return .with { response in
      (response.displayName, response.description_p) = package.shown(in: languages)
      response.policies = policies.compactMap { policy in
        guard case .assignmentPolicy(let message) = tenant.objects[policy.id]?.object.object else {
          return nil
        }
        var requirements = Vestibule_Api_V1_PolicyRequirements(
          policy, message, terms.demand(of: policy, person), in: languages)
        let asked = Set(stored.open.map(\.id))
        requirements.questions += package.attributes.map(\.asked).filter { asked.contains($0.id) }
          .map { $0.shown(in: languages) }
        requirements.existingAnswers = stored.existing.map(Vestibule_Model_V1_Answer.init)
        return requirements
      }
    }
  }
}

extension Vestibule_Api_V1_PolicyRequirements {
  fileprivate init(
    _ policy: AssignmentPolicy, _ message: Vestibule_Model_V1_AssignmentPolicy, _ demand: TermsDemand,
    in languages: LanguagePreference
  ) {
    self.init()
    (assignmentPolicy, displayName, description_p) = (
      policy.id.text, message.displayName, message.description_p
    )
    isApprovalRequiredForAdd = policy.approval.requiredForAdd
    isApprovalRequiredForUpdate = policy.approval.requiredForUpdate
    isRequestorJustificationRequired = policy.approval.requestorJustificationRequired
    allowCustomAssignmentSchedule = policy.mayChooseSchedule
    expiration = message.expiration
    questions = message.questions.map { $0.shown(in: languages) }
    terms = demand.terms.map { terms, isAccepted in
      .with {
        ($0.terms, $0.version, $0.displayName) = (
          terms.id.text, Int32(clamping: terms.version), terms.displayName
        )
        $0.isAccepted = isAccepted
      }
    }
  }
}
