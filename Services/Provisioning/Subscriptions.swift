import Messaging
import Protocols

/// What the service reads, and what it does with it.
extension ProvisioningService {
  /// Configuration comes first, so that a batch's own news count for its deliveries.
  @SubscriptionsBuilder var subscriptions: [Subscription] {
    On(
      .packageChanged, .organizationChanged, .settingsChanged,
      as: Vestibule_Events_V1_ConfigurationEvent.self,
      do: FollowConfiguration(settle: settle).callAsFunction)
    On(.policyChanged, as: Vestibule_Events_V1_ConfigurationEvent.self) { events, work in
      try FollowNamedGroups()(events, work)
    }
    On(
      .resourceRefreshAsked, as: Vestibule_Events_V1_ConfigurationEvent.self,
      do: FollowRefreshes().callAsFunction)
    On(
      .subjectChanged, .subjectErased, as: Vestibule_Events_V1_SubjectEvent.self
    ) { [settle] events, work in
      try FollowSubjects(settle: settle)(events, work)
      try FollowErasures(ProvisioningService.erase)(events, work)
    }
    On(
      .requestApproved, as: Vestibule_Events_V1_RequestEvent.self,
      do: FulfilRequests(settle: settle).callAsFunction)
    On(
      .requestSubmitted, .requestScheduled, .requestDenied, .requestCanceled,
      as: Vestibule_Events_V1_RequestEvent.self,
      do: FollowRequests(settle: settle).callAsFunction)
    On(
      .assignmentExpiryDue, as: Vestibule_Events_V1_Due.self,
      do: ExpireAssignments(settle: settle).callAsFunction)
    On(
      .guestBlockDue, .guestDeletionDue, as: Vestibule_Events_V1_Due.self,
      do: BlockAndDeleteGuests(settle: settle).callAsFunction)
    On(.recordsPruned, as: Vestibule_Events_V1_RetentionEvent.self) { events, work in
      try FollowRetention(ProvisioningService.forget)(events, work)
    }
  }
}
