import Contracts
import EntitlementModel
import Foundation
import Identity
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf

/// Who holds something and would get nothing now, for the list of domains (decision 5).
struct ListDenied: Sendable {
  let store: ConfigurationStore

  /// - Returns: a page of them, by person, and how many there are.
  func callAsFunction(
    tenant: UUID, page: PageRequest<UUID>, principal: Principal, on connection: Connection
  ) throws -> (holders: [Vestibule_Api_V1_DeniedHolder], people: Int) {
    try Authorization.require(principal, .administerTenant, AuthorizationFacts(tenant: tenant))
    guard let configuration = try store.load([tenant], on: connection).tenants[tenant] else {
      throw Refusal.notFound
    }
    let table = RequestTable(connection: connection)
    let denied = Dictionary(
      try table.addresses(tenant: tenant)
        .filter { !configuration.domainList.permits(configuration.domains(of: $0)) }
        .map { ($0.person, $0) }
    ) { first, _ in first }
    let shown = denied.keys.sorted().drop { person in page.after.map { person <= $0 } ?? false }
      .prefix(page.limit)
    let held = Dictionary(grouping: try table.live(of: Set(shown), tenant: tenant), by: \.subject)
    return (shown.compactMap { denied[$0]?.holder(of: held[$0] ?? []) }, denied.count)
  }
}

extension HeldAddress {
  fileprivate func holder(of held: [HeldPackage]) -> Vestibule_Api_V1_DeniedHolder {
    .with {
      ($0.subject, $0.email, $0.organization) = (person.text, email, organization?.text ?? "")
      $0.assignments = held.map(\.id.text)
    }
  }
}

extension TenantConfiguration {
  /// What the list of domains looks at.
  func domains(of address: HeldAddress) -> [DomainName] {
    [DomainName(email: address.email)].compactMap(\.self)
      + (address.organization.flatMap { organizations[$0] }?.domains ?? [])
  }
}
