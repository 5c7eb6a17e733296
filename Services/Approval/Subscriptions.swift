import Contracts
import Messaging
import Protocols

extension ApprovalService {
  @SubscriptionsBuilder var subscriptions: [Subscription] {
    On(.policyChanged, .organizationChanged, .packageChanged, as: Vestibule_Events_V1_ConfigurationEvent.self)
    {
      [cache] events, work in
      try ConfigurationCopies(connection: work.connection, cache: cache).take(events)
      try work.lookForApprovers(in: Set(events.map(\.tenant)))
    }
    On(.tenantChanged, as: Vestibule_Events_V1_ConfigurationEvent.self) { [cache] events, work in
      try ConfigurationCopies(connection: work.connection, cache: cache).take(
        events.filter { [.tenant, .roleAssignment].contains($0.body.object.kind) })
    }
    On(.directoryGroupChanged, as: Vestibule_Events_V1_DirectoryGroupEvent.self) { events, work in
      try GroupMemberCopies(connection: work.connection).take(events)
      try work.lookForApprovers(in: Set(events.map(\.tenant)))
    }
    On(.subjectChanged, .subjectErased, as: Vestibule_Events_V1_SubjectEvent.self) { events, work in
      try FollowSubjects()(events, work)
      try FollowErasures(ApprovalService.erase)(events, work)
    }
    On(.requestSubmitted, as: Vestibule_Events_V1_RequestEvent.self) { [cache] events, work in
      try OpenApprovals(cache: cache)(events, work)
    }
    On(.requestCanceled, .requestDenied, as: Vestibule_Events_V1_RequestEvent.self) { events, work in
      try CancelApprovals()(events, work)
    }
    On(.recordsPruned, as: Vestibule_Events_V1_RetentionEvent.self) { events, work in
      try FollowRetention(ApprovalService.forget)(events, work)
    }
    On(.confirmationRequested, .confirmationDecided, as: Vestibule_Events_V1_ConfirmationEvent.self) {
      events, work in
      try FollowConfirmations()(events, work)
    }
  }
}
