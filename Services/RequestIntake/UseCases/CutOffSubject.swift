import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// Cuts a person off at once (decision 6), or lifts that: barred, every account blocked, every session ended. What the
/// person holds stays, for `EndSubject` to end. Whoever else the person is, is cut off, too.
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
    let locked = try table.lockPerson(of: id, tenant: tenant)
    let before = try table.withIdentities(locked.values.sorted { $0.id < $1.id })
    guard let named = locked[id] else { throw Refusal.notFound }
    if named.isErased {
      throw Refusal(.subjectErased, "What was known of this person was erased for good.", field: "id")
    }
    var subjects = before
    switch word {
    case .cutOff(let reason):
      let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
        .with {
          $0.cutOffSubject = .with {
            ($0.subject, $0.reason) = (id.text, reason)
            $0.covered = locked.keys.sorted().map(\.text)
          }
        },
        GuardedEffect(object: id, objectVersion: named.version, people: Set(locked.keys)), admission)
      if let waiting { return .waits(waiting) }
      for index in subjects.indices where !subjects[index].isErased {
        subjects[index].cutOff(because: reason, at: work.now)
      }
      try SessionTable(connection: work.connection)
        .take(locked.keys.map { EndedSessions(tenant: tenant, subject: $0, notBefore: work.now) })
    case .restore:
      for index in subjects.indices { _ = subjects[index].restore() }
    }
    let changed = zip(before, subjects).filter { $0 != $1 }.map(\.1)
    try table.save(changed)
    let events = SubjectEvents(epoch: epoch, work: work)
    for subject in changed { try events.tell(subject, by: principal.initiator) }
    return .done(Vestibule_Model_V1_Subject(subjects.first { $0.id == id } ?? named, epoch: epoch))
  }
}
