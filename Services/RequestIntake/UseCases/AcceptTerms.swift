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
    try table.serialize([person])
    let acceptance = StoredAcceptance(tenant: tenant, person: person, accepted: accepted, at: work.now)
    try table.record([acceptance])
    work.record(acceptance, by: principal.initiator)
    try SettlePendingTerms(configuration: configuration, work: work)(
      SubjectTable(connection: work.connection).find([person], tenants: [tenant]).values)
    return try table.page(tenant: tenant, person: person, terms: accepted.terms, after: nil, limit: 1_000)
      .first { $0.accepted.version == accepted.version } ?? acceptance
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
