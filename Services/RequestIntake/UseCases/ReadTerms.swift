import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Shows terms of use to whoever signs in, and who accepted them to whom that concerns.
struct ReadTerms: Sendable {
  let store: ConfigurationStore

  /// What was accepted can be read when the terms are deleted, too.
  ///
  /// - Parameter version: nil for the one that counts now.
  func text(
    of id: UUID, version: Int?, in languages: LanguagePreference, tenant: UUID, principal: Principal,
    on connection: Connection
  ) throws -> Vestibule_Api_V1_TermsText {
    let configuration = try store.load([tenant], on: connection)
    guard principal.tenant == tenant,
      let stored = try ConfigurationTable(connection: connection)
        .find(id, tenant: tenant, epoch: configuration.epoch),
      stored.object.kind == .terms, let version = version ?? configuration.tenants[tenant]?.terms[id]?.version
    else { throw Refusal.notFound }
    var texts = try TermsTable(connection: connection).texts(of: id, version: version, tenant: tenant)
    guard let standard = texts.removeValue(forKey: "") else { throw Refusal.notFound }
    let shown = languages.choose(standard, or: texts)
    return .with {
      ($0.terms, $0.version, $0.displayName) = (
        id.text, Int32(clamping: version), stored.object.terms.displayName
      )
      ($0.text, $0.languageCode) = shown
    }
  }

  /// - Parameter person: nil for everybody.
  func acceptances(
    of person: UUID?, terms: UUID?, tenant: UUID, page: PageRequest<TermsTable.Key>, principal: Principal,
    on connection: Connection
  ) throws -> [StoredAcceptance] {
    guard principal.tenant == tenant else { throw Refusal.notFound }
    if !(person.map(principal.isSubject) ?? false) {
      try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    }
    return try TermsTable(connection: connection)
      .page(tenant: tenant, person: person, terms: terms, after: page.after, limit: page.limit)
  }

  /// What has been assigned and waits for its person's acceptance.
  func pending(
    tenant: UUID, page: PageRequest<UUID>, principal: Principal, on connection: Connection
  ) throws -> [Vestibule_Model_V1_Request] {
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    let epoch = try store.load([tenant], on: connection).epoch
    return try RequestTable(connection: connection)
      .pageAwaitingTerms(tenant: tenant, after: page.after, limit: page.limit)
      .map { Vestibule_Model_V1_Request($0.request, epoch: epoch) }
  }
}
