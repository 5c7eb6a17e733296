import Contracts
import EntitlementModel
import Foundation
import Identity
import Protocols
import SwiftProtobuf

extension Principal {
  /// The tenant that a call names, or the caller's own when it names none.
  ///
  /// - Throws: `notFound` for a tenant that is not the caller's.
  func tenant(named text: String) throws(Refusal) -> UUID {
    guard let own = tenant else { throw .notFound }
    guard text.isEmpty || UUID(text: text) == own else { throw .notFound }
    return own
  }
}

extension Submission {
  init(_ message: Vestibule_Api_V1_SubmitRequest, by principal: Principal) throws(Refusal) {
    let tenant = try principal.tenant(named: message.tenant)
    do throws(ContractError) {
      let schedule = message.schedule
      self.init(
        principal: principal, tenant: tenant,
        accessPackage: try Field.id(message.accessPackage, at: "access_package"),
        assignmentPolicy: try Field.optionalID(message.assignmentPolicy, at: "assignment_policy"),
        targetSubject: try Field.optionalID(message.targetSubject, at: "target_subject"),
        targetEmail: try Field.text(message.targetEmail, at: "target_email", limit: 320),
        justification: try Field.text(
          message.justification, at: "justification", limit: Limits.justification),
        answers: try QuestionAnswer.each(message.answers, at: "answers"),
        acceptedTerms: try AcceptedTerms.each(message.acceptedTerms, at: "accepted_terms"),
        startsAt: try Field.optionalInstant(
          schedule.hasStartDateTime ? schedule.startDateTime : nil, at: "schedule.start_date_time"),
        end: try ChosenEnd(schedule, at: "schedule"),
        adoptsGuest: message.adoptsGuest,
        idempotencyKey: try Field.text(message.idempotencyKey, at: "idempotency_key", limit: 256))
    } catch {
      throw error.refusal
    }
    if targetSubject != nil, !targetEmail.isEmpty {
      throw Refusal(
        .outOfRange, "Say once whom it is for.", field: "target_email", hint: "empty, or no target_subject")
    }
    if adoptsGuest, !isForSomebodyElse { throw .selfAdoption }
    if !targetEmail.isEmpty, DomainName(email: targetEmail) == nil {
      throw Refusal(
        .malformed, "This is no e-mail address.", field: "target_email", hint: "name@fabrikam.example")
    }
  }
}

extension Refusal {
  static let selfAdoption = Refusal(
    .forbidden, "Nobody takes themselves under governance.", field: "adopts_guest")
}

extension PolicyChange {
  init(_ message: Vestibule_Api_V1_ChangePolicyRequest, by principal: Principal) throws(Refusal) {
    let schedule = message.schedule
    do throws(ContractError) {
      policy = try Field.id(message.assignmentPolicy, at: "assignment_policy")
      end = try ChosenEnd(schedule, at: "schedule")
    } catch {
      throw error.refusal
    }
    guard !schedule.hasStartDateTime else {
      throw Refusal(
        .outOfRange, "Access that goes on has begun.", field: "schedule.start_date_time", hint: "none")
    }
    ask = try AssignmentAsk(message, by: principal)
  }
}

extension AssignmentAsk {
  init(_ message: Vestibule_Api_V1_ChangePolicyRequest, by principal: Principal) throws(Refusal) {
    try self.init(
      principal, message.tenant, message.assignment, message.justification, key: message.idempotencyKey)
    do throws(ContractError) {
      answers = try QuestionAnswer.each(message.answers, at: "answers")
      acceptedTerms = try AcceptedTerms.each(message.acceptedTerms, at: "accepted_terms")
    } catch {
      throw error.refusal
    }
  }

  init(_ message: Vestibule_Api_V1_ExtendRequest, by principal: Principal) throws(Refusal) {
    try self.init(
      principal, message.tenant, message.assignment, message.justification, key: message.idempotencyKey)
    do throws(ContractError) {
      acceptedTerms = try AcceptedTerms.each(message.acceptedTerms, at: "accepted_terms")
    } catch {
      throw error.refusal
    }
  }

  init(_ message: Vestibule_Api_V1_UpdateAnswersRequest, by principal: Principal) throws(Refusal) {
    try self.init(
      principal, message.tenant, message.assignment, message.justification, key: message.idempotencyKey)
    do throws(ContractError) {
      answers = try QuestionAnswer.each(message.answers, at: "answers")
    } catch {
      throw error.refusal
    }
  }

  init(_ message: Vestibule_Api_V1_RemoveRequest, by principal: Principal) throws(Refusal) {
    try self.init(
      principal, message.tenant, message.assignment, message.justification, key: message.idempotencyKey)
  }

  private init(
    _ principal: Principal, _ tenant: String, _ assignment: String, _ justification: String, key: String
  ) throws(Refusal) {
    let tenant = try principal.tenant(named: tenant)
    do throws(ContractError) {
      self.init(
        principal: principal, tenant: tenant, assignment: try Field.id(assignment, at: "assignment"),
        justification: try Field.text(justification, at: "justification", limit: Limits.justification),
        idempotencyKey: try Field.text(key, at: "idempotency_key", limit: 256))
    } catch {
      throw error.refusal
    }
  }
}

extension Vestibule_Api_V1_SubmitResult {
  init(_ answer: RequestAnswers.Answer) {
    self.init()
    switch answer {
    case .success(let made): request = made.id
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    }
  }
}

extension Vestibule_Api_V1_ReprocessRequestResult {
  init(_ answer: RequestAnswers.Answer) {
    self.init()
    switch answer {
    case .success(let reprocessed): request = reprocessed
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    }
  }
}

extension Vestibule_Api_V1_ExplainResponse {
  init(_ explanation: ExplainEligibility.Explanation) {
    self.init()
    switch explanation.verdict {
    case .success(let policy): assignmentPolicy = policy.text
    case .failure(let refused): refusal = Vestibule_Model_V1_Refusal(refused)
    }
    policies = explanation.policies.map { policy, reasons in
      .with {
        $0.assignmentPolicy = policy.text
        $0.reasons = Vestibule_Model_V1_Refusal(Refusal(reasons)).reasons
      }
    }
  }
}
