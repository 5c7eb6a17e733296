import EntitlementModel
import Foundation
import Identity
import Postgres

/// Finds the people, organizations and roles of sign-ins in the tenants' own data (decisions 1 to 3).
struct RecognizeSubjects: Sendable {
  let store: ConfigurationStore

  /// - Returns: an answer per sign-in, and what those prove that prove something that was not known.
  func callAsFunction(
    _ signIns: [SignIn], on connection: Connection
  ) throws -> (found: [Recognized], news: ProvedAddresses) {
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
    return (found, try news(signIns, people, table))
  }

  private func news(
    _ signIns: [SignIn], _ people: [TenantIdentity: Subject], _ table: SubjectTable
  ) throws -> ProvedAddresses {
    var news = ProvedAddresses()
    let proving = signIns.filter { signIn in
      guard let address = signIn.address else { return false }
      return people[signIn.who].map { $0.isEmailClaimed && $0.address == address } ?? true
    }
    guard !proving.isEmpty else { return news }
    let known = try table.find(Set(proving.compactMap(\.address)))
    for signIn in proving {
      guard let address = signIn.address else { continue }
      if let claimer = people[signIn.who] {
        if known[address] == nil { news.claimed[claimer.id] = address }
      } else if let person = known[address],
        try table.withIdentities([person]).first?.identities.isEmpty == true
      {
        news.bindable[signIn.who] = address
      }
    }
    return news
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

/// Addresses that sign-ins have proved.
struct ProvedAddresses: Sendable {
  /// Those of people who are known by them alone.
  var bindable: [TenantIdentity: Address] = [:]
  /// Those that people only said to have before.
  var claimed: [UUID: Address] = [:]

  var isEmpty: Bool { bindable.isEmpty && claimed.isEmpty }
}
