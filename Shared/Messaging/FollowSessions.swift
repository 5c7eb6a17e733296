import Contracts
import EntitlementModel
package import Protocols

/// `subject.changed`: keeps whose sessions were ended, and that of whoever has changed nothing remembered counts.
package struct FollowSessions: Sendable {
  package init() {}

  package func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
    let ended = try events.compactMap { event in
      try event.body.subject.endedSessions().map {
        EndedSessions(tenant: $0.tenant, subject: $0.subject, notBefore: $0.notBefore)
      }
    }
    try SessionTable(connection: work.connection).take(ended)
    // Of those who are new nothing is remembered.
    try ChangedCallerTable(connection: work.connection).take(
      events.filter { $0.version.number > 1 }.map {
        ChangedCaller(tenant: $0.tenant, subject: $0.aggregate, at: work.now)
      })
  }
}
