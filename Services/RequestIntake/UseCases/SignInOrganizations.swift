import EntitlementModel
import Foundation

/// To which organizations people belong of whom that was never written down: those at whose issuers they sign in.
struct SignInOrganizations {
  let configuration: LoadedConfiguration
  let table: SubjectTable

  func of(_ people: some Sequence<Subject>) throws -> [UUID: UUID] {
    let unknown = people.filter { $0.kind == .external && $0.organization == nil }
    guard !unknown.isEmpty else { return [:] }
    return try table.withIdentities(unknown).reduce(into: [:]) { found, person in
      let keys = person.identities.flatMap {
        OrganizationMatching.keys(issuer: $0.issuer, email: nil, isEmailProved: false)
      }
      found[person.id] = configuration.tenants[person.tenant]?.organization(matching: keys)
    }
  }
}
