/// What is recorded although no event tells it. Everything that is told is recorded under its event's name.
package enum AuditAction: String, Sendable, CaseIterable {
  case requestPartiallyDelivered = "request.partially-delivered"
  /// An extension that nobody has decided stands for itself: the access that it was to extend is gone.
  case requestRenews = "request.renews"
  case requestTermsAccepted = "request.terms-accepted"
  case termsAccepted = "terms.accepted"
  case subjectUpdated = "subject.updated"
  case subjectSignedIn = "subject.signed-in"
  case legalHoldSet = "subject.legal-hold-set"
  case legalHoldLifted = "subject.legal-hold-lifted"
  case configurationChanged = "configuration.changed"

  case approvalCanceled = "approval.canceled"
  /// What ended long ago is no longer kept.
  case recordsForgotten = "records.forgotten"
  /// The beginning of the chain is no longer kept: where it stood, and its hash.
  case auditPruned = "audit.pruned"
  case noticeTold = "notice.told"
  case delegationSet = "delegation.set"
  case delegationEnded = "delegation.ended"

  case assignmentCreated = "assignment.created"
  case assignmentUpdated = "assignment.updated"
  /// Somebody had its roles asserted anew.
  case assignmentReprocessed = "assignment.reprocessed"
  case guestUpdated = "guest.updated"
  /// Who wants it has changed.
  case entitlementUpdated = "entitlement.updated"
  case entitlementGranted = "entitlement.granted"
  case entitlementRevoked = "entitlement.revoked"
  case entitlementFailed = "entitlement.failed"
  /// Who wants a value on an account, or which, has changed.
  case attributeUpdated = "attribute.updated"
  case attributeWritten = "attribute.written"
  /// Nobody wants a value there any more, and none of ours is left.
  case attributeReleased = "attribute.released"
  case attributeFailed = "attribute.failed"
  case accountActive = "account.active"
  case accountBlocked = "account.blocked"
  case accountDeleted = "account.deleted"
  case accountFailed = "account.failed"
}
