import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Cuts a person off at once (decision 6), or lifts that: barred, every account blocked, every session ended. What the
/// person holds stays, for `EndSubject` to end.
struct CutOffSubject: Sendable {
  enum Word: Sendable {
    case cutOff(reason: String)
    case restore
  }

  func callAsFunction(
    _ id: UUID, _ word: Word, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<Vestibule_Model_V1_Subject> {
    if !principal.isOperator {
      try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    }
    let (table, epoch) = (SubjectTable(connection: work.connection), try work.connection.epoch())
    guard let found = try table.lock([id], tenants: [tenant])[id],
      var subject = try table.withIdentities([found]).first
    else { throw Refusal.notFound }
    switch word {
    case .cutOff(let reason):
      let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
        .with { $0.cutOffSubject = .with { ($0.subject, $0.reason) = (id.text, reason) } },
        GuardedEffect(object: id, objectVersion: subject.version, people: [id]), admission)
      if let waiting { return .waits(waiting) }
      subject.cutOff(because: reason, at: work.now)
      try SessionTable(connection: work.connection)
        .take([EndedSessions(tenant: tenant, subject: id, notBefore: work.now)])
    case .restore:
      guard subject.restore() else { return .done(Vestibule_Model_V1_Subject(subject, epoch: epoch)) }
    }
    try table.save([subject])
    try SubjectEvents(epoch: epoch, work: work).tell(subject)
    return .done(Vestibule_Model_V1_Subject(subject, epoch: epoch))
  }
}
