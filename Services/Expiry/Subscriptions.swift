import Messaging
import Protocols

extension ExpiryService {
  @SubscriptionsBuilder var subscriptions: [Subscription] {
    On(.auditSealed, as: Vestibule_Events_V1_AuditEvent.self) { events, work in
      try AuditWitness(connection: work.connection).take(events, of: .expiry, at: work.now)
    }
    On(.organizationEnding, as: Vestibule_Events_V1_ConfigurationEvent.self) { events, work in
      try NoteContractEnds()(events, work)
    }
    On(.subjectChanged, .subjectErased, as: Vestibule_Events_V1_SubjectEvent.self) { events, work in
      try FollowSessions()(events, work)
      try FollowErasures(ExpiryService.erase)(events, work)
    }
    On(
      .assignmentDelivered, .assignmentPartiallyDelivered, .assignmentDeliveryFailed, .assignmentExtended,
      .assignmentShortened, .assignmentAnswersChanged, .assignmentExpired, .assignmentRemoved,
      as: Vestibule_Events_V1_AssignmentEvent.self
    ) { events, work in
      try ArmAssignments()(events, work)
    }
    On(
      .guestBlocked, .guestRevived, .guestDeleted, .guestLifecycleChanged,
      as: Vestibule_Events_V1_GuestEvent.self
    ) { events, work in
      try ArmGuests()(events, work)
    }
    On(.recordsPruned, as: Vestibule_Events_V1_RetentionEvent.self) { events, work in
      try FollowRetention(ExpiryService.forget)(events, work)
    }
  }
}
