import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Protocols
import SwiftProtobuf

/// A person leaves (decision 6): what is open is canceled, what lasts is removed; of everybody whom the person is, as far
/// as the caller answers for them.
struct EndSubject: Sendable {
  let store: ConfigurationStore

  /// - Parameter covered: of a change that is confirmed, whom it was asked of: whoever confirms answers for more.
  func callAsFunction(
    _ id: UUID, reason: String, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged, covering covered: Set<UUID>? = nil
  ) throws -> Guarded<Vestibule_Model_V1_Subject> {
    let loaded = try store.load([tenant], on: work.connection)
    let table = SubjectTable(connection: work.connection)
    let locked = try table.lockPerson(of: id, tenant: tenant)
    guard let named = locked[id] else { throw Refusal.notFound }
    let signedIn = try SignInOrganizations(configuration: loaded, table: table).of(locked.values)
    let right = try EndRight(
      principal, loaded.tenants[tenant], tenant: tenant, signedIn: signedIn, table, at: work.now)
    try right.require(of: named)
    let leaving = locked.values.filter {
      $0.leftAt == nil && right.covers($0) && covered?.contains($0.id) ?? true
    }
    guard !leaving.isEmpty else { return .done(try message(named, table, loaded.epoch)) }
    let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
      .with {
        $0.endSubject = .with {
          ($0.subject, $0.reason) = (id.text, reason)
          $0.covered = leaving.map(\.id).sorted().map(\.text)
        }
      },
      GuardedEffect(object: id, objectVersion: named.version, people: Set(leaving.map(\.id))), admission)
    if let waiting { return .waits(waiting) }
    let left = try table.withIdentities(leaving.sorted { $0.id < $1.id }).map { subject in
      var subject = subject
      (subject.leftAt, subject.version) = (work.now, subject.version + 1)
      return subject
    }
    try table.save(left)
    let events = SubjectEvents(epoch: loaded.epoch, work: work)
    for subject in left { try events.tell(subject, by: principal.initiator, reason: reason) }
    try endAccess(of: left.map(\.id), reason, tenant, principal, loaded, work)
    return .done(try message(left.first { $0.id == id } ?? named, table, loaded.epoch))
  }

  private func endAccess(
    of people: [UUID], _ reason: String, _ tenant: UUID, _ principal: Principal,
    _ loaded: LoadedConfiguration,
    _ work: Work
  ) throws {
    let standing = try RequestTable(connection: work.connection).lock(standingOf: people, tenant: tenant)
    var batch = RemovalBatch(locked: standing, events: RequestEvents(configuration: loaded, work: work))
    for id in standing.keys.sorted() { try batch.cancel(id, by: principal.initiator) }
    for stored in standing.values.sorted(by: { $0.request.id < $1.request.id })
    where stored.isRemovable {
      _ = try batch.end(
        stored, id: work.newID(), kind: .systemRemove,
        requestor: principal.subject ?? stored.request.target.subject, justification: reason,
        by: principal.initiator)
    }
    try batch.save()
  }

  private func message(_ subject: Subject, _ table: SubjectTable, _ epoch: Int) throws
    -> Vestibule_Model_V1_Subject
  {
    Vestibule_Model_V1_Subject(try table.withIdentities([subject]).first ?? subject, epoch: epoch)
  }
}

/// Of whom a caller may say that they have left: an administrator of everybody, a sponsor who is neither barred nor gone
/// of the people of their own organizations.
private struct EndRight {
  private let principal: Principal
  private let tenant: UUID
  private let organizations: Set<UUID>
  /// The organizations of those people of whom they were not written down.
  private let signedIn: [UUID: UUID]

  init(
    _ principal: Principal, _ configuration: TenantConfiguration?, tenant: UUID, signedIn: [UUID: UUID],
    _ table: SubjectTable, at now: Date
  ) throws {
    (self.principal, self.tenant, self.signedIn) = (principal, tenant, signedIn)
    let presence = try Presence(of: [principal], tenants: [tenant], table.connection, at: now)
    guard principal.tenant == tenant, presence.holds(principal) else {
      organizations = []
      return
    }
    let known = (configuration?.organizations ?? [:]).values
    let named = known.reduce(into: Set<String>()) { $0.formUnion($1.sponsorGroups) }
    let groups =
      try GroupMemberCopies(connection: table.connection)
      .memberships(of: principal.subjects, in: named, tenants: [tenant]).values
      .reduce(into: Set<String>()) { $0.formUnion($1) }
    organizations = Set(
      known.filter { organization in
        principal.subjects.contains { caller in
          organization.isInternalSponsor(caller, in: groups)
            || organization.isExternalSponsor(caller, from: principal.organization, in: groups)
        }
      }.map(\.id))
  }

  func require(of subject: Subject) throws(Refusal) {
    if principal.isOperator || isAnsweredFor(subject) { return }
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
  }

  func covers(_ subject: Subject) -> Bool {
    do throws(Refusal) {
      try require(of: subject)
      return true
    } catch {
      return false
    }
  }

  private func isAnsweredFor(_ subject: Subject) -> Bool {
    (subject.organization ?? signedIn[subject.id]).map(organizations.contains) ?? false
  }
}
