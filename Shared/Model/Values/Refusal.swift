/// One check that failed: a stable code for programs, a sentence for developers, the field it is about, and
/// what would be right (or the id that stands in the way).
package struct Reason: Sendable, Hashable {
  package let code: Code
  package let message: String
  package let field: String
  package let hint: String

  package init(_ code: Code, _ message: String, field: String = "", hint: String = "") {
    (self.code, self.message, self.field, self.hint) = (code, message, field, hint)
  }

  package enum Code: String, Sendable, CaseIterable {
    // About the caller and what the caller may see.
    case notFound, forbidden, unauthenticated
    // About a request for access (decision 8).
    case policyNotMatched, severalPoliciesMatch, policyOutranked, policyDisabled, catalogNotPublished,
      catalogNotExternallyVisible
    case domainDenied, organizationEnded, organizationFull, subjectBarred, subjectLeft
    case openRequestExists, assignmentExists, justificationRequired, selfAddNotAllowed, selfRemoveNotAllowed
    case extensionNotAllowed, extensionTooEarly, extensionLimitReached, endPassed, startAfterEnd
    case assignmentNotLive, notCancelable, notReprocessable, nobodyToApprove
    case termsNotAccepted, notResubmittable
    case answerRequired, answerNotAllowed, answerNotEditable, answersUnchanged, editNotAllowed
    case unknownQuestion, incompatibleAccess, scheduleNotAllowed
    // About a decision (decisions 13–15).
    case alreadyDecided, notAnApprover, ownRequest, approverJustificationRequired, notRevocable, reassigned
    // About what is written.
    case required, tooLong, malformed, unknownField, unknownReference, inUse, nameTaken, versionConflict
    case idempotencyConflict, outOfRange, sourceTaken, tooManyItems
    // About changes that wait for a second administrator (decisions 17, 26).
    case confirmationRequired, confirmationVoid, confirmationExpired, ownChange, dryRunOutdated
    // What saving a policy does to others, besides `policyOutranked`: a warning, nothing is refused for it.
    case approvalWeakens
    // About delivery.
    case connectorUnavailable, connectorRefused, approvalLapsed, resourceMissing
    // About erasing what is known of a person (decision 27).
    case underLegalHold, accessNotEnded, accountNotDeleted, subjectErased
    // About operation.
    case overloaded
  }
}

/// Why something was not done: every check that failed, never only the first.
package struct Refusal: Error, Sendable, Hashable {
  package let reasons: [Reason]

  package init(_ reasons: [Reason]) {
    self.reasons = reasons
  }

  package init(_ code: Reason.Code, _ message: String, field: String = "", hint: String = "") {
    self.init([Reason(code, message, field: field, hint: hint)])
  }

  /// The one answer about anything that the caller may not know of.
  package static let notFound = Refusal(.notFound, "There is nothing of this id that you may see.")
}
