import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging

/// Puts on record that the caller accepts terms; what an administrator has assigned before is in order then.
struct AcceptTerms: Sendable {
  let store: ConfigurationStore

  func callAsFunction(
    _ accepted: AcceptedTerms, tenant: UUID, principal: Principal, _ work: Work
  ) throws -> StoredAcceptance {
    let configuration = try store.load([tenant], on: work.connection)
    guard principal.tenant == tenant, let person = principal.subject,
      let terms = configuration.tenants[tenant]?.terms[accepted.terms]
    else { throw Refusal.notFound }
    guard terms.version == accepted.version else {
      throw Refusal(
        .versionConflict, "This version of the terms counts no more.", field: "accepted_terms.version",
        hint: "\(terms.version)")
    }
    let table = TermsTable(connection: work.connection)
    let acceptance = StoredAcceptance(tenant: tenant, person: person, accepted: accepted, at: work.now)
    try table.record([acceptance])
    work.record(acceptance, by: principal.initiator)
    try settle(person, principal, tenant, configuration, work)
    return try table.page(tenant: tenant, person: person, terms: accepted.terms, after: nil, limit: 1_000)
      .first { $0.accepted.version == accepted.version } ?? acceptance
  }

  private func settle(
    _ person: UUID, _ principal: Principal, _ tenant: UUID, _ configuration: LoadedConfiguration, _ work: Work
  ) throws {
    let table = RequestTable(connection: work.connection)
    let waiting = try table.lock(standingOf: principal.subjects.sorted(), tenant: tenant).values.filter {
      $0.request.terms == .pending
    }
    guard !waiting.isEmpty,
      let subject = try SubjectTable(connection: work.connection).find([person], tenants: [tenant])[person]
    else { return }
    let record = try TermsOnRecord(
      of: waiting.map { (subject, $0.request.accessPackage) }, configuration, work.connection)
    var settled: [StoredRequest] = []
    for var stored in waiting {
      let policy = stored.held.assignmentPolicy.flatMap { configuration.tenants[tenant]?.policies[$0] }
      guard policy.map({ record.demand(of: $0, subject).reasons().isEmpty }) ?? true else { continue }
      stored.request.termsAccepted()
      settled.append(stored)
    }
    try table.update(settled)
    for request in settled.map(\.request) {
      work.record(
        .requestTermsAccepted, of: request.id, tenant: tenant, number: request.version,
        by: Initiator(subject: person, role: "person"))
    }
  }
}

extension Work {
  func record(_ acceptance: StoredAcceptance, by initiator: Initiator) {
    record(
      .termsAccepted, of: acceptance.accepted.terms, tenant: acceptance.tenant,
      number: acceptance.accepted.version, by: initiator,
      details: AuditDetails([
        "person": acceptance.person.text, "language": acceptance.accepted.language,
      ]))
  }
}
