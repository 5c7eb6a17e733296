import EntitlementModel
import Foundation

/// What people hold and ask for, where it bears on what else they may have.
struct Holdings {
  private let table: RequestTable
  private let configuration: LoadedConfiguration

  init(_ table: RequestTable, _ configuration: LoadedConfiguration) {
    (self.table, self.configuration) = (table, configuration)
  }

  /// What stands at these places, and at those of the same people that may not be held beside them.
  func standing(_ places: [Place]) throws -> [Place: Standing] {
    guard !places.isEmpty else { return [:] }
    try serialize(places)
    return try table.standing(Set(places + places.flatMap(besides)))
  }

  /// Two copies of the service must not each accept one of two packages that exclude each other. People come first, their
  /// requests after: whoever locks requests too calls this before.
  func serialize(_ places: [Place]) throws {
    let people = Set(places.filter { !besides($0).isEmpty }.map(\.subject))
    if !people.isEmpty { try table.serialize(people: people) }
  }

  private func besides(_ place: Place) -> [Place] {
    (configuration.tenants[place.tenant]?.incompatible(with: place.package) ?? [:]).keys.map {
      Place(tenant: place.tenant, subject: place.subject, package: $0)
    }
  }
}

extension TenantConfiguration {
  /// What separation of duties says of a place, in the light of what stands at others.
  func separation(
    of place: Place, _ standing: [Place: Standing], _ memberships: GroupMemberships, at now: Date
  ) -> SeparationOfDuties.Finding {
    let conflicts = incompatible(with: place.package).flatMap { other, grounds in
      let found = standing[Place(tenant: place.tenant, subject: place.subject, package: other)]
      return found.map { found in
        grounds.map { SeparationOfDuties.Conflict(other: other, standing: found.id, exceptions: $0) }
      } ?? []
    }
    let own = memberships(place.subject)
    let excluding = packages[place.package]?.incompatibleGroups.filter { own.contains($0.key) } ?? [:]
    return SeparationOfDuties.judge(
      conflicts, groups: excluding, of: memberships.linked.everybody(place.subject), at: now)
  }
}
