/// Every kind of event, and who reads it: the whole topology on one page. The routing key is the name; the
/// CloudEvents type is `vestibule.` + the name + `.v1`.
package enum EventType: String, Sendable, CaseIterable {
  case requestSubmitted = "request.submitted"
  case requestScheduled = "request.scheduled"
  case requestApproved = "request.approved"
  case requestDenied = "request.denied"
  case requestCanceled = "request.canceled"
  case requestDelivered = "request.delivered"
  case requestDeliveryFailed = "request.delivery-failed"

  case approvalStageOpened = "approval.stage-opened"
  case approvalEscalated = "approval.escalated"
  case approvalReassigned = "approval.reassigned"
  case approvalRouted = "approval.routed"
  case approvalRoutingResolved = "approval.routing-resolved"
  case approvalDecided = "approval.decided"
  case approvalCompleted = "approval.completed"
  case approvalRevoked = "approval.revoked"
  case approvalRevocationWaits = "approval.revocation-waits"
  case approvalRevocationLapsed = "approval.revocation-lapsed"

  case assignmentDelivered = "assignment.delivered"
  case assignmentPartiallyDelivered = "assignment.partially-delivered"
  case assignmentDeliveryFailed = "assignment.delivery-failed"
  case assignmentExtended = "assignment.extended"
  case assignmentShortened = "assignment.shortened"
  case assignmentAnswersChanged = "assignment.answers-changed"
  case assignmentExpiring = "assignment.expiring"
  case assignmentExpired = "assignment.expired"
  case assignmentRemoved = "assignment.removed"
  case assignmentExpiryDue = "assignment.expiry-due"

  case guestInvited = "guest.invited"
  case guestBlocked = "guest.blocked"
  case guestRevived = "guest.revived"
  case guestDeleted = "guest.deleted"
  case guestLifecycleChanged = "guest.lifecycle-changed"
  case guestLeaving = "guest.leaving"
  case guestBlockDue = "guest.block-due"
  case guestDeletionDue = "guest.deletion-due"

  case tenantChanged = "tenant.changed"
  case catalogChanged = "catalog.changed"
  case packageChanged = "package.changed"
  case policyChanged = "policy.changed"
  case organizationChanged = "organization.changed"
  case organizationEnding = "organization.ending"
  case settingsChanged = "settings.changed"
  case subjectChanged = "subject.changed"
  case subjectErased = "subject.erased"
  case directoryGroupChanged = "directory.group-changed"

  case confirmationRequested = "confirmation.requested"
  case confirmationDecided = "confirmation.decided"
  case resourceRefreshAsked = "resource.refresh-asked"
  case resourceObserved = "resource.observed"

  case recordsPruned = "records.pruned"
  case auditSealed = "audit.sealed"

  /// The services whose queues it is bound to. A type without readers is published all the same, for whoever
  /// binds a queue of their own to the exchange.
  package var readers: [ServiceName] {
    switch self {
    case .requestSubmitted, .requestDenied, .requestCanceled: [.approval, .provisioning]
    case .requestScheduled, .requestApproved: [.provisioning]
    case .requestDelivered, .requestDeliveryFailed: []
    case .approvalStageOpened, .approvalEscalated, .approvalReassigned, .approvalDecided,
      .approvalRouted, .approvalRoutingResolved, .approvalRevocationWaits, .approvalRevocationLapsed:
      []
    case .approvalCompleted, .approvalRevoked: [.requestIntake]
    case .assignmentDelivered, .assignmentExtended, .assignmentShortened, .assignmentAnswersChanged,
      .assignmentExpired, .assignmentRemoved,
      .assignmentPartiallyDelivered, .assignmentDeliveryFailed:
      [.requestIntake, .expiry]
    case .assignmentExpiring, .guestLeaving: []
    case .organizationEnding: [.expiry]
    case .assignmentExpiryDue, .guestBlockDue, .guestDeletionDue: [.provisioning]
    case .guestInvited: []
    case .guestBlocked, .guestRevived, .guestLifecycleChanged: [.expiry]
    case .guestDeleted: [.expiry, .requestIntake]
    case .tenantChanged: [.approval]
    case .catalogChanged: []
    case .packageChanged: [.approval, .provisioning]
    case .policyChanged: [.approval, .provisioning]
    case .organizationChanged: [.approval, .provisioning]
    case .settingsChanged: [.provisioning]
    case .subjectChanged, .subjectErased: [.approval, .provisioning, .expiry]
    case .confirmationRequested, .confirmationDecided: [.approval]
    case .resourceRefreshAsked: [.provisioning]
    case .resourceObserved: [.requestIntake]
    case .directoryGroupChanged: [.requestIntake, .approval]
    case .recordsPruned: [.approval, .provisioning, .expiry]
    case .auditSealed: [.requestIntake, .expiry]
    }
  }

  package var cloudEventType: String { "vestibule.\(rawValue).v1" }
}
