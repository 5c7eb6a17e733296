import Contracts
import EntitlementModel
import Foundation
import GRPCCore
import Identity
import Messaging
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// The terms of use that policies demand.
struct TermsAPI: Vestibule_Api_V1_TermsOfUse.SimpleServiceProtocol {
  let transactor: Transactor
  let store: ConfigurationStore

  func read(
    request: Vestibule_Api_V1_ReadTermsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_TermsText {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let id = try Field.id(request.terms, at: "terms")
    let languages = try LanguagePreference(request.languages, at: "languages")
    let version = request.version == 0 ? nil : Int(request.version)
    return try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadTerms(store: store)
        .text(of: id, version: version, in: languages, tenant: tenant, principal: principal, on: connection)
    }
  }

  func accept(
    request: Vestibule_Api_V1_AcceptTermsRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_TermsAcceptanceRecord {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let accepted: AcceptedTerms
    do { accepted = try AcceptedTerms(request.acceptedTerms) } catch {
      throw error.within("accepted_terms").refusal
    }
    let stored = try await transactor.commit(tenants: [tenant]) { [store] work in
      try AcceptTerms(store: store)(accepted, tenant: tenant, principal: principal, work)
    }
    return Vestibule_Api_V1_TermsAcceptanceRecord(stored)
  }

  func listAcceptances(
    request: Vestibule_Api_V1_ListAcceptancesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListAcceptancesResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let terms = try Field.optionalID(request.terms, at: "terms")
    let named = try Field.optionalID(request.subject, at: "subject")
    let page = try PageRequest<TermsTable.Key>(request.page)
    guard let person = named ?? principal.subject ?? (request.all ? UUID() : nil) else { return .init() }
    let everybody = request.all && named == nil
    let found = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadTerms(store: store).acceptances(
        of: everybody ? nil : person, terms: terms, tenant: tenant, page: page, principal: principal,
        on: connection)
    }
    return .with {
      $0.acceptances = found.map { Vestibule_Api_V1_TermsAcceptanceRecord($0) }
      $0.nextPageToken = page.nextToken(after: found) {
        TermsTable.Key(person: $0.person, terms: $0.accepted.terms, version: $0.accepted.version)
      }
    }
  }

  func listPending(
    request: Vestibule_Api_V1_ListPendingAcceptancesRequest, context: ServerContext
  ) async throws -> Vestibule_Api_V1_ListPendingAcceptancesResponse {
    let principal = try Principal.required()
    let tenant = try principal.tenant(named: request.tenant)
    let page = try PageRequest<UUID>(request.page)
    let requests = try await transactor.read(tenants: [tenant]) { [store] connection in
      try ReadTerms(store: store).pending(tenant: tenant, page: page, principal: principal, on: connection)
    }
    return .with {
      $0.requests = requests
      $0.nextPageToken = page.nextToken(after: requests) { UUID(text: $0.id) }
    }
  }
}

extension Vestibule_Api_V1_TermsAcceptanceRecord {
  init(_ stored: StoredAcceptance) {
    self.init()
    subject = stored.person.text
    acceptedTerms = Vestibule_Model_V1_AcceptedTerms(stored.accepted)
    acceptedAt = Google_Protobuf_Timestamp(stored.at)
  }
}

extension TermsTable.Key: PageKey {
  var tokenText: String { "\(person.text) \(terms.text) \(version)" }

  init?(tokenText: String) {
    let parts = tokenText.split(separator: " ").map(String.init)
    guard parts.count == 3, let person = UUID(text: parts[0]), let terms = UUID(text: parts[1]),
      let version = Int(parts[2])
    else { return nil }
    self.init(person: person, terms: terms, version: version)
  }
}
