import Messaging

/// What has fallen due, by kind.
struct FireIntakeDeadlines: Sendable {
  let store: ConfigurationStore

  func callAsFunction(_ due: [Deadline], _ work: Work) throws -> [Deadline] {
    let organizations = due.filter { $0.kind == OrganizationClock.kind }
    let confirmations = due.filter { $0.kind == ConfirmationClock.kind }
    let starts = due.filter { $0.kind == ScheduledStart.kind }
    let merges = due.filter { $0.kind == SettleMerges.kind }
    return try (merges.isEmpty ? [] : SettleMerges(store: store)(merges, work))
      + (starts.isEmpty ? [] : StartScheduledRequests(store: store)(starts, work))
      + (confirmations.isEmpty ? [] : ConfirmationClock()(confirmations, work))
      + (organizations.isEmpty ? [] : OrganizationClock(store: store)(organizations, work))
  }
}
