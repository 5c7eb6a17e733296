import Contracts
package import Protocols

/// `subject.changed`: keeps whose sessions were ended.
package struct FollowSessions: Sendable {
  package init() {}

  package func callAsFunction(_ events: [Received<Vestibule_Events_V1_SubjectEvent>], _ work: Work) throws {
    let ended = try events.compactMap { event in
      try event.body.subject.endedSessions().map {
        EndedSessions(tenant: $0.tenant, subject: $0.subject, notBefore: $0.notBefore)
      }
    }
    try SessionTable(connection: work.connection).take(ended)
  }
}
