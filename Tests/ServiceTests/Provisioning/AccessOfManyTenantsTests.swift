import EntitlementModel
import Foundation
import Messaging
import Postgres
import Testing
import TestSupport

@testable import Provisioning

/// Goal: what a tenant reads costs what that tenant has, however much others have. Method: the blocks that each read
/// looks at, before and after another tenant has been filled, and once more when the planner knows of it.
@Suite("A small tenant's access beside a large one's")
struct AccessOfManyTenantsTests {
  struct Read: Sendable {
    let what: String
    let run: @Sendable (Connection, UUID) throws -> Int

    init(_ what: String, run: @escaping @Sendable (Connection, UUID) throws -> Int) {
      (self.what, self.run) = (what, run)
    }
  }

  private static let reads = [
    Read("assignments") {
      try AssignmentTable(connection: $0).page(after: nil, of: [$1], target: nil, limit: 100).count
    },
    Read("guests") { try GuestTable(connection: $0).page(after: nil, of: [$1], limit: 100).count },
    Read("zombies") {
      try GuestTable(connection: $0).zombies(
        of: $1, areDeleted: true, trustsCounts: true, since: Date(), limit: 100
      ).count
    },
    Read("zombies, whatever is counted") {
      try GuestTable(connection: $0).zombies(
        of: $1, areDeleted: true, trustsCounts: false, since: Date(), limit: 100
      ).count
    },
    Read("changes of settings") { try LifecycleChangeTable(connection: $0).list(of: $1, limit: 100).count },
    Read("changes of packages") { try PackageChangeTable(connection: $0).list(of: $1).count },
    Read("members of a group") {
      try MembershipTable(connection: $0).page(
        of: DirectoryResource.Key(tenant: $1, id: "files"), role: "member", after: nil, limit: 100
      ).count
    },
    Read("named groups") { try NamedGroupTable(connection: $0).page(after: nil, of: [$1], limit: 100).count },
    Read("who is or was in a group") {
      try NamedGroupTable(connection: $0).members(of: DirectoryResource.Key(tenant: $1, id: "files")).count
    },
  ]

  @Test("Every list of a tenant reads no more when another tenant has a thousand times as much")
  func lists() async throws {
    try await ProvisioningFixture.run { fixture in
      try await fill(fixture, tenant: fixture.tenant, 20)
      let alone = try await measure(fixture)
      try await fill(fixture, tenant: UUID(), 20_000)
      try check(alone, try await measure(fixture))
      try await fixture.sql("ANALYZE")
      try check(alone, try await measure(fixture))
    }
  }

  private func check(_ alone: [(rows: Int, blocks: Int)], _ beside: [(rows: Int, blocks: Int)]) throws {
    for (index, read) in Self.reads.enumerated() {
      let (before, after) = (alone[index], beside[index])
      #expect(after.rows == before.rows && after.rows > 0, "\(read.what)")
      // A taller index costs a block a look-up.
      let limit = 2 * before.blocks + 2 * before.rows + 20
      #expect(after.blocks <= limit, "\(read.what): \(before.blocks), then \(after.blocks) blocks")
    }
  }

  private func measure(_ fixture: ProvisioningFixture) async throws -> [(rows: Int, blocks: Int)] {
    try await fixture.transactor.read(tenants: [fixture.tenant]) { [tenant = fixture.tenant] connection in
      try Self.reads.map { read in
        var rows = 0
        let blocks = try ["provisioning", "directory"].reduce(0) { sum, schema in
          try sum + connection.blocksFetched(of: schema) { rows = try read.run(connection, tenant) }
        }
        return (rows, blocks)
      }
    }
  }

  /// So many people, each with what lists are made of.
  private func fill(_ fixture: ProvisioningFixture, tenant: UUID, _ count: Int) async throws {
    let people = "(SELECT gen_random_uuid() AS id, i FROM generate_series(1, \(count)) AS i) AS p"
    try await fixture.sql(
      """
      BEGIN;
      SELECT set_config('test.audited', pg_current_xact_id()::text, true);
      INSERT INTO guest (tenant, id, version, email, display_name, is_member, is_governed, presence, live_assignments,
        block_causes)
      SELECT '\(tenant)', id, 1, 'p' || i, '', false, true, 'active', 0, '{}' FROM \(people);
      INSERT INTO assignment (tenant, id, version, state, target, email, display_name, is_member, access_package)
      SELECT tenant, gen_random_uuid(), 1, 'expired', id, email, '', false, gen_random_uuid() FROM guest
      WHERE tenant = '\(tenant)';
      INSERT INTO lifecycle_change (tenant, epoch, version, changed_at, retimed)
      SELECT '\(tenant)', 1, i, now(), 0 FROM \(people);
      INSERT INTO package_change (package, tenant, epoch, version, begun_at, reached, done)
      SELECT id, '\(tenant)', 1, 1, now(), id, 0 FROM \(people);
      INSERT INTO directory.membership (tenant, "user", resource, role)
      SELECT '\(tenant)', id, 'files', 'member' FROM \(people);
      INSERT INTO directory.named_group (tenant, id, key)
      SELECT '\(tenant)', 'group ' || i, id FROM \(people);
      INSERT INTO directory.group_member (tenant, "group", subject, is_member, version)
      SELECT '\(tenant)', 'files', id, true, 1 FROM \(people);
      COMMIT;
      """)
  }
}
