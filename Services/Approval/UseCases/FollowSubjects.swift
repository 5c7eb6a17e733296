import Contracts
import EntitlementModel
import Messaging
import Protocols

/// `subject.changed`: keeps who may act.
struct FollowSubjects: Sendable {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
    try FollowSessions()(events, work)
    try SubjectCopyTable(connection: work.connection).take(
      events.map { SubjectCopy(subject: try Subject($0.body.subject), version: $0.version) })
    try work.lookForApprovers(in: Set(events.map(\.tenant)))
  }
}
