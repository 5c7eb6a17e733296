import Contracts
import EntitlementModel
import Foundation
import Identity

/// What a caller asks for: access to a package, for oneself or for somebody else.
struct Submission: Sendable {
  let principal: Principal
  let tenant: UUID
  var accessPackage: UUID
  var assignmentPolicy: UUID?
  var targetSubject: UUID?
  /// Somebody who is only known by address.
  var targetEmail = ""
  var justification = ""
  var answers: [QuestionAnswer] = []
  var acceptedTerms: [AcceptedTerms] = []
  var startsAt: Date?
  var end: ChosenEnd?
  /// Takes the person's account and access under governance, though they were there before.
  var adoptsGuest = false
  var idempotencyKey = ""
  /// By whose leave it is asked; found out when it is admitted.
  var asker: Asker = .oneself

  /// Whether it is about somebody else, which takes a role.
  var isForSomebodyElse: Bool {
    if !targetEmail.isEmpty { return true }
    return targetSubject.map { !principal.isSubject($0) } ?? false
  }

  /// In which role the caller asks.
  enum Asker: Sendable, Hashable {
    case oneself
    /// By leave of a policy, for somebody else.
    case onBehalf(OnBehalf.Submitter)
    case administrator
  }

  /// How the caller signs in.
  var identity: TenantIdentity {
    TenantIdentity(
      tenant: tenant, identity: Identity(issuer: principal.issuer, subject: principal.externalSubject))
  }
}

extension Submission: IdempotentAsk {
  static var operation: IdempotencyKey.Operation { .submit }

  var body: [String] {
    let content = [
      accessPackage.text, assignmentPolicy?.text ?? "", targetSubject?.text ?? "", targetEmail, justification,
      startsAt.map { "\($0.microseconds)" } ?? "", end?.text ?? "",
      adoptsGuest ? "adopts" : "",
    ]
    let answered = answers.flatMap { [$0.question, "\($0.values.count)"] + $0.values }
    let accepted = acceptedTerms.flatMap { [$0.terms.text, "\($0.version)"] }
    return content + answered + accepted
  }
}
