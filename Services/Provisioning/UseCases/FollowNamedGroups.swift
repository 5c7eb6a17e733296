import Contracts
import EntitlementModel
import Messaging
import Postgres
import Protocols

/// The groups that configuration names exist, and others are told who is in them.
struct FollowNamedGroups {
  func callAsFunction(_ events: [Received<Vestibule_Events_V1_ConfigurationEvent>], _ work: Work) throws {
    let groups = events.reduce(into: Set<DirectoryResource.Key>()) {
      $0.formUnion($1.body.object.namedGroups)
    }
    guard !groups.isEmpty else { return }
    try TenantTable(connection: work.connection).know(Set(groups.map(\.tenant)).sorted())
    try DirectoryResourceTable(connection: work.connection)
      .register(Set(groups.map { DirectoryResource(key: $0, kind: "group") }))
    try NamedGroupTable(connection: work.connection).name(groups)
  }
}
