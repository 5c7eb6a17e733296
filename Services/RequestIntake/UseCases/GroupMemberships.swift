import EntitlementModel
import Foundation
import Messaging
import Postgres

/// In which groups people are, of those that bear on the packages they ask for or hold.
struct GroupMemberships {
  private let groups: [UUID: Set<String>]
  let linked: LinkedPeople

  init(
    of places: [Place], _ linked: LinkedPeople, _ configuration: LoadedConfiguration, _ connection: Connection
  ) throws {
    self.linked = linked
    let named = places.reduce(into: Set<String>()) { named, place in
      guard let tenant = configuration.tenants[place.tenant] else { return }
      named.formUnion(tenant.groupsNamed(for: place.package))
    }
    groups = try GroupMemberCopies(connection: connection)
      .memberships(of: Set(places.map(\.subject)), in: named, tenants: Set(places.map(\.tenant)))
  }

  /// Those of a subject, and of all who are the same person.
  func callAsFunction(_ subject: UUID) -> Set<String> {
    linked.others(than: subject).reduce(into: groups[subject] ?? []) { $0.formUnion(groups[$1] ?? []) }
  }
}

extension TenantConfiguration {
  /// The groups that say who may ask for a package, or who may not hold it.
  fileprivate func groupsNamed(for package: UUID) -> Set<String> {
    policies(of: package).reduce(into: Set((packages[package]?.incompatibleGroups ?? [:]).keys)) {
      named, policy in
      if case .subjects(_, let groups) = policy.allowedTargets { named.formUnion(groups) }
    }
  }
}
