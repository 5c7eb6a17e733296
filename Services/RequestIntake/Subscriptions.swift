import Messaging
import Protocols

extension RequestIntakeService {
  @SubscriptionsBuilder var subscriptions: [Subscription] {
    On(.auditSealed, as: Vestibule_Events_V1_AuditEvent.self) { events, work in
      try AuditWitness(connection: work.connection).take(events, of: .requestIntake, at: work.now)
    }
    On(.directoryGroupChanged, as: Vestibule_Events_V1_DirectoryGroupEvent.self) { events, work in
      try GroupMemberCopies(connection: work.connection).take(events)
    }
    On(
      .approvalCompleted, as: Vestibule_Events_V1_ApprovalEvent.self,
      do: FoldApprovals(store: store).callAsFunction)
    On(
      .assignmentDelivered, .assignmentPartiallyDelivered, .assignmentDeliveryFailed, .assignmentExtended,
      .assignmentShortened, .assignmentAnswersChanged, .assignmentExpired, .assignmentRemoved,
      as: Vestibule_Events_V1_AssignmentEvent.self,
      do: FoldAssignments(store: store).callAsFunction)
    On(.guestDeleted, as: Vestibule_Events_V1_GuestEvent.self) { events, work in
      try GuestDeletionTable(connection: work.connection).take(events)
    }
    // After what locks requests: the guard's lock is the last.
    On(
      .approvalRevoked, as: Vestibule_Events_V1_ApprovalEvent.self,
      do: FoldRevocations(store: store).callAsFunction)
    // Last: it writes configuration, which nobody may load after it.
    On(
      .resourceObserved, as: Vestibule_Events_V1_ResourceObservation.self,
      do: FoldObservations(store: store).callAsFunction)
  }
}
