import EntitlementModel
import Foundation
import Identity
import Postgres

/// Finds the people, organizations and roles of sign-ins in the tenants' own data (decisions 1 to 3).
struct RecognizeSubjects: Sendable {
  let store: ConfigurationStore

  /// - Returns: an answer per sign-in, and those that prove the address of somebody known by it alone.
  func callAsFunction(
    _ signIns: [SignIn], on connection: Connection
  ) throws -> (found: [Recognized], bindable: [TenantIdentity: Address]) {
    let configuration = try store.load(Set(signIns.map(\.who.tenant)), on: connection)
    let table = SubjectTable(connection: connection)
    let people = try table.survivors(of: try table.find(Set(signIns.map(\.who))))
    let merged = try table.merged(into: people.values)
    let found = signIns.map { signIn in
      let person = people[signIn.who]
      return recognized(
        signIn, person, merged: person.flatMap { merged[$0.id] } ?? [],
        configuration.tenants[signIn.who.tenant])
    }
    let unknown = signIns.filter { people[$0.who] == nil && $0.address != nil }
    let known = try table.find(Set(unknown.compactMap(\.address)))
    var bindable: [TenantIdentity: Address] = [:]
    for signIn in unknown {
      guard let address = signIn.address, let person = known[address] else { continue }
      if try table.withIdentities([person]).first?.identities.isEmpty == true {
        bindable[signIn.who] = address
      }
    }
    return (found, bindable)
  }

  private func recognized(
    _ signIn: SignIn, _ person: Subject?, merged: Set<UUID>, _ configuration: TenantConfiguration?
  ) -> Recognized {
    let matched = signIn.issuersOrganization ?? configuration?.organization(matching: signIn.organizationKeys)
    let organization = matched ?? person?.organization
    return Recognized(
      subject: person?.id, merged: merged, organization: organization,
      isMember: person.map { $0.kind == .member } ?? (signIn.isHome && organization == nil),
      roles: merged.union([person?.id].compactMap(\.self)).flatMap {
        configuration?.grantedRoles(of: $0) ?? []
      })
  }
}
