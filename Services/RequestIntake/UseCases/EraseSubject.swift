import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import SwiftProtobuf

/// Erases what is known of a person who has left (decision 27): here at once, in the other services as they hear of it.
struct EraseSubject: Sendable {
  let store: ConfigurationStore

  struct Outcome: Sendable {
    let subject: Subject
    let obstacles: [Reason]
    let requests: [UUID]

    fileprivate init(_ subject: Subject, _ obstacles: [Reason], _ requests: [UUID: [UUID]]) {
      (self.subject, self.obstacles) = (subject, obstacles)
      self.requests = requests.values.flatMap(\.self).sorted()
    }
  }

  func callAsFunction(
    _ id: UUID, isDryRun: Bool, tenant: UUID, principal: Principal, _ work: Work,
    _ admission: Admission = .judged
  ) throws -> Guarded<Outcome> {
    // The operator only confirms what an administrator asked.
    if !principal.isOperator || admission == .judged {
      try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    }
    guard try ConfigurationTable(connection: work.connection).lock(tenant) else { throw Refusal.notFound }
    let (table, requests) = (
      SubjectTable(connection: work.connection), RequestTable(connection: work.connection)
    )
    let locked = try table.lockPerson(of: id, tenant: tenant)
    guard let named = locked[id] else { throw Refusal.notFound }
    // Whoever was merged into somebody is that one.
    let merged = locked.values.filter { $0.mergedInto == id }.sorted { $0.id < $1.id }
    let people = try table.withIdentities([named] + merged)
    let held = locked.values.filter(\.isHeld).map(\.id).sorted()
    let all = Dictionary(
      uniqueKeysWithValues: try people.map { ($0.id, try requests.all(of: $0.id, tenant: tenant)) })
    if people.allSatisfy(\.isErased) { return .done(Outcome(people[0], [], all)) }
    let obstacles = try people.filter { !$0.isErased }.flatMap { subject in
      subject.obstacles(toErasure: try facts(of: subject, with: id, held: held, requests, work))
    }
    if isDryRun { return .done(Outcome(people[0], obstacles, all)) }
    guard obstacles.isEmpty else { throw Refusal(obstacles) }
    let waiting = try MassChangeGuard(work: work, tenant: tenant, principal: principal).admit(
      .with { $0.eraseSubject.id = id.text },
      GuardedEffect(object: id, objectVersion: named.version, people: [id]), admission)
    if let waiting { return .waits(waiting) }
    let erased = try people.map { subject in
      subject.isErased ? subject : try erase(subject, all[subject.id] ?? [], table, principal, work)
    }
    return .done(Outcome(erased[0], [], all))
  }

  private func facts(
    of subject: Subject, with named: UUID, held: [UUID], _ requests: RequestTable, _ work: Work
  ) throws -> ErasureFacts {
    let begun = try requests.lastBegun(for: subject.id, tenant: subject.tenant)
    let deleted = try GuestDeletionTable(connection: work.connection).last(
      of: subject.id, tenant: subject.tenant)
    return ErasureFacts(
      standing: try requests.lock(standingOf: [subject.id], tenant: subject.tenant).keys.sorted(),
      waiting: try ConfirmationTable(connection: work.connection).waiting(about: subject),
      hasAccount: subject.kind == .external
        && begun.map { begun in deleted.map { $0 < begun } ?? true } ?? false,
      survivor: subject.mergedInto == named ? nil : subject.mergedInto,
      held: subject.id == named ? held.filter { $0 != named } : [])
  }

  private func erase(
    _ known: Subject, _ requests: [UUID], _ table: SubjectTable, _ principal: Principal, _ work: Work
  ) throws -> Subject {
    try forgetCallers(known, work)
    try forgetMentions(of: known, principal, work)
    var subject = known
    subject.erase(at: work.now)
    try table.save([subject])
    let erased = ErasedSubject(
      subject: subject.id, tenant: subject.tenant, requests: requests, erasedAt: work.now)
    try ErasedSubjects(connection: work.connection).note([erased])
    try RequestIntakeService.erase([erased], work)
    try SubjectEvents(epoch: try work.connection.epoch(), work: work)
      .tellErased(subject, by: principal.initiator, requests: requests)
    return subject
  }

  /// The keys of what the person asked say who that was.
  private func forgetCallers(_ subject: Subject, _ work: Work) throws {
    let callers = subject.identities.map { "\($0.issuer) \($0.subject)" }
    guard !callers.isEmpty else { return }
    try work.connection.execute(
      """
      DELETE FROM idempotency
      WHERE caller = ANY(\(callers)) AND (tenant = \(subject.tenant)) IS TRUE
      """)
  }

  /// An organization that was proposed says whose address was seen first, and an exception how its signer signs in.
  private func forgetMentions(of subject: Subject, _ principal: Principal, _ work: Work) throws {
    let loaded = try store.load([subject.tenant], on: work.connection)
    guard let configuration = loaded.tenants[subject.tenant] else { return }
    let change = ConfigurationChange(
      tenant: subject.tenant, epoch: loaded.epoch, initiator: principal.initiator, work: work)
    for entry in configuration.objects.values.sorted(by: { $0.id < $1.id }) {
      guard let object = entry.object.forgetting(subject) else { continue }
      _ = try change.save(object, id: entry.id, after: entry)
    }
  }
}

extension Vestibule_Model_V1_ConfigurationObject {
  /// - Returns: nil if it says nothing of the person.
  fileprivate func forgetting(_ subject: Subject) -> Self? {
    var copy = self
    switch object {
    case .connectedOrganization(var organization)
    where !subject.email.isEmpty && organization.description_p.localizedCaseInsensitiveContains(subject.email):
      organization.description_p = organization.description_p.replacingOccurrences(
        of: subject.email, with: "", options: .caseInsensitive)
      copy.connectedOrganization = organization
    case .assignmentPolicy(let policy) where policy.approvalException.signedBy.subject == subject.id.text:
      copy.assignmentPolicy.approvalException.signedBy = .with { $0.subject = subject.id.text }
    default: return nil
    }
    return copy
  }
}
