import EntitlementModel
import Foundation
import Postgres
import Protocols
import Testing
import TestSupport

@testable import Messaging
@testable import RequestIntake

/// Goal: what a tenant reads costs what that tenant has, however much others have. Method: the blocks that each read
/// looks at, before and after another tenant has been filled.
@Suite("A small tenant beside a large one")
struct ManyTenantsTests {
  struct Read: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable (Connection, IntakeFixture) throws -> Int

    init(_ what: String, run: @escaping @Sendable (Connection, IntakeFixture) throws -> Int) {
      (testDescription, self.run) = (what, run)
    }
  }

  private static let mine = 20
  private static let others = 20_000

  private static let reads = [
    Read("requests") {
      try RequestTable(connection: $0).page(
        tenant: $1.tenant, of: nil, package: nil, after: nil, limit: 100
      ).count
    },
    Read("a package's requests") {
      try RequestTable(connection: $0).page(
        tenant: $1.tenant, of: nil, package: $1.package, after: nil, limit: 100
      ).count
    },
    Read("who has two packages") {
      try RequestTable(connection: $0).holders(
        ofBoth: $1.package, and: $1.package, tenant: $1.tenant, after: nil, limit: 100
      ).count
    },
    Read("what waits for terms") {
      try RequestTable(connection: $0).pageAwaitingTerms(tenant: $1.tenant, after: nil, limit: 100).count
    },
    Read("what is told again") {
      try RequestTable(connection: $0).standingPage(after: nil, tenant: $1.tenant, limit: 100).count
    },
    Read("what a package holds") {
      try RequestTable(connection: $0).living(tenant: $1.tenant, package: $1.package).count
    },
    Read("who has a package") {
      try RequestTable(connection: $0).holders(of: [$1.package], tenant: $1.tenant).count
    },
    Read("who of an organization has something") {
      try RequestTable(connection: $0).people(of: $1.organization, tenant: $1.tenant).count
    },
    Read("addresses") { try RequestTable(connection: $0).addresses(tenant: $1.tenant).count },
    Read("guests without access") {
      try RequestTable(connection: $0).guestsWithoutAccess(tenant: $1.tenant).count
    },
    Read("people") { try SubjectTable(connection: $0).page(tenant: $1.tenant, after: nil, limit: 100).count },
    Read("configuration, by kind") {
      try ConfigurationTable(connection: $0).page(
        of: .assignmentPolicy, tenant: $1.tenant, after: "", limit: 100, epoch: 1
      ).count
    },
    Read("configuration, told again") {
      try ConfigurationTable(connection: $0).page(after: nil, tenant: $1.tenant, limit: 100, epoch: 1).count
    },
    Read("confirmations") {
      try ConfirmationTable(connection: $0).page(
        tenant: $1.tenant, pendingOnly: false, after: nil, limit: 100
      ).count
    },
    Read("acceptances of terms") {
      try TermsTable(connection: $0).page(
        tenant: $1.tenant, person: nil, terms: nil, after: nil, limit: 100
      ).count
    },
    Read("ends of organizations") { try OrganizationEndTable(connection: $0).list(of: $1.tenant).count },
  ]

  @Test("Every list of a tenant reads no more when another tenant has a thousand times as much")
  func lists() async throws {
    try await IntakeFixture.run { intake in
      try await fill(intake, Self.mine)
      let alone = try await measure(intake)
      let large = IntakeFixture(sharing: intake)
      try await large.configure()
      try await fill(large, Self.others)
      let beside = try await measure(intake)
      for (index, read) in Self.reads.enumerated() {
        let (before, after) = (alone[index], beside[index])
        #expect(after.rows == before.rows, "\(read.testDescription)")
        // A taller index costs a block a look-up.
        let limit = 2 * before.blocks + 2 * before.rows + 20
        #expect(
          after.blocks <= limit, "\(read.testDescription): \(before.blocks), then \(after.blocks) blocks")
      }
    }
  }

  private func measure(_ intake: IntakeFixture) async throws -> [(rows: Int, blocks: Int)] {
    try await intake.read { connection in
      try Self.reads.map { read in
        var rows = 0
        let blocks = try connection.blocksFetched(of: "intake") { rows = try read.run(connection, intake) }
        return (rows, blocks)
      }
    }
  }

  /// So many people, each with what lists are made of.
  private func fill(_ intake: IntakeFixture, _ count: Int) async throws {
    let (tenant, package, organization) = (intake.tenant, intake.package, intake.organization)
    try await intake.commit { work in
      let connection = work.connection
      work.record(.subjectUpdated, of: tenant, tenant: tenant, by: .system)
      try connection.execute(
        """
        INSERT INTO subject (id, tenant, version, name, email, email_key, display_name, kind)
        SELECT gen_random_uuid(), \(tenant), 1, '', 'p' || i, 'p' || i, 'p' || i, 'external'
        FROM generate_series(1, \(count)) AS i
        """)
      try connection.execute(
        """
        INSERT INTO request (id, tenant, version, kind, state, status, target_subject, target_email,
          target_display_name, target_is_member, requestor, access_package, organization, assignment, justification,
          created_at, is_live, terms)
        SELECT id, tenant, 1, 'userAdd', 'delivering', 'Delivering', id, email, display_name, false, id, \(package),
          \(organization), id, '', now(), true, 'pending'
        FROM subject WHERE tenant = \(tenant)
        """)
      try connection.execute(
        """
        INSERT INTO terms_acceptance (tenant, person, terms, version, language, accepted_at)
        SELECT tenant, id, \(package), 1, '', now() FROM subject WHERE tenant = \(tenant)
        """)
      try connection.execute(
        """
        INSERT INTO configuration (id, tenant, kind, name, version, revision, deleted, object)
        SELECT id, tenant, 'catalog', email, 1, 1, true, '{"catalog": {}}'
        FROM subject WHERE tenant = \(tenant)
        """)
      try connection.execute(
        """
        INSERT INTO organization_end (organization, tenant, begun_at)
        SELECT id, tenant, now() FROM subject WHERE tenant = \(tenant)
        """)
      try connection.execute(
        """
        INSERT INTO confirmation (id, tenant, version, state, change, change_key, object, object_version, widens, people,
          sample, asked_issuer, asked_external_subject, asked_at, expires_at)
        SELECT id, tenant, 1, 'pending', '{}', id, id, 1, '{}', 0, '{}', '', '', now(), now()
        FROM subject WHERE tenant = \(tenant)
        """)
    }
  }
}
