import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// A person leaves (decision 6): what is open is canceled, what lasts is removed.
struct EndSubject: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ id: UUID, reason: String, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<Vestibule_Model_V1_Subject> {
    let loaded = try store.load([tenant], on: work.connection)
    let table = SubjectTable(connection: work.connection)
    guard let found = try table.lock([id], tenants: [tenant])[id],
      var subject = try table.withIdentities([found]).first
    else { throw Refusal.notFound }
    try authorize(principal, subject, loaded.tenants[tenant], table, at: work.now)
    guard subject.leftAt == nil else {
      return .done(Vestibule_Model_V1_Subject(subject, epoch: loaded.epoch))
    }
    let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
      .with { $0.endSubject = .with { ($0.subject, $0.reason) = (id.text, reason) } },
      GuardedEffect(object: id, objectVersion: subject.version, people: [id]), admission)
    if let waiting { return .waits(waiting) }
    subject.leftAt = work.now
    subject.version += 1
    try table.save([subject])
    try SubjectEvents(epoch: loaded.epoch, work: work).tell(subject)
    try endAccess(of: subject, reason, principal, loaded, work)
    return .done(Vestibule_Model_V1_Subject(subject, epoch: loaded.epoch))
  }

  private func endAccess(
    of subject: Subject, _ reason: String, _ principal: Principal, _ loaded: LoadedConfiguration, _ work: Work
  ) throws {
    let standing = try RequestTable(connection: work.connection).lock(
      standingOf: subject.id, tenant: subject.tenant)
    var batch = RemovalBatch(locked: standing, events: RequestEvents(configuration: loaded, work: work))
    for id in standing.keys.sorted() { try batch.cancel(id) }
    for stored in standing.values.sorted(by: { $0.request.id < $1.request.id })
    where batch.isRemovable(stored) {
      _ = try batch.end(
        stored, id: work.newID(), kind: .systemRemove, requestor: principal.subject ?? subject.id,
        justification: reason)
    }
    try batch.save()
  }

  /// An administrator, or a sponsor for the people of their own organization, who is neither barred nor gone.
  private func authorize(
    _ principal: Principal, _ subject: Subject, _ configuration: TenantConfiguration?, _ table: SubjectTable,
    at now: Date
  ) throws {
    if principal.isOperator { return }
    let organization = subject.organization.flatMap { configuration?.organizations[$0] }
    let sponsors = (organization?.internalSponsors ?? []) + (organization?.externalSponsors ?? [])
    if principal.tenant == subject.tenant, let caller = principal.subject, sponsors.contains(caller),
      let sponsor = try table.find([caller], tenants: [subject.tenant])[caller], sponsor.leftAt == nil,
      !sponsor.isBarred(at: now)
    {
      return
    }
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: subject.tenant))
  }
}
