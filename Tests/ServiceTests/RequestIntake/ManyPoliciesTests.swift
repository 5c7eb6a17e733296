import EntitlementModel
import Foundation
import Messaging
import Postgres
import Testing

@testable import RequestIntake

/// Goal: a request costs what it asks for, however much is configured. Method: the server's own count of the rows that it
/// fetched for one submission, once the service knows its configuration.
@Suite("A request among many policies and organizations")
struct ManyPoliciesTests {
  @Test("Against 200 policies and 1,000 organizations it reads the rows that it reads against one of each")
  func rows() async throws {
    try await IntakeFixture.run { intake in
      let alone = try await rowsRead(by: "ann", intake)
      try await multiply(intake.policy, by: 200, intake)
      try await multiply(intake.organization, by: 1_000, intake)
      let configured = try await intake.commit { [store = intake.store, tenant = intake.tenant] work in
        let known = try store.load([tenant], on: work.connection).tenants[tenant]
        return [known?.policies(of: intake.package).count, known?.organizations.count]
      }
      #expect(configured == [201, 1_001])
      let among = try await rowsRead(by: "bob", intake)
      #expect(alone > 0)
      #expect(Double(among) <= 1.3 * Double(alone), "\(among) rows instead of \(alone)")
    }
  }

  /// Copies of a configured object: a policy of the same package, an organization of the same tenant.
  private func multiply(_ id: UUID, by count: Int, _ intake: IntakeFixture) async throws {
    try await intake.commit { [tenant = intake.tenant] work in
      work.record(.configurationChanged, of: id, tenant: tenant, by: .system)
      try work.connection.execute("UPDATE tenant SET revision = revision + 1 WHERE id = \(tenant)")
      try work.connection.execute(
        """
        INSERT INTO configuration (id, tenant, kind, name, version, revision, object)
        SELECT copy.id, c.tenant, c.kind, 'copy-' || copy.number, 1, t.revision,
          c.object || jsonb_build_object('id', copy.id, 'name', 'copy-' || copy.number)
        FROM configuration c JOIN tenant t ON t.id = c.tenant
        CROSS JOIN (SELECT gen_random_uuid() AS id, number FROM generate_series(1, \(count)) AS number) AS copy
        WHERE c.id = \(id)
        """)
    }
  }

  private func rowsRead(by name: String, _ intake: IntakeFixture) async throws -> Int {
    let person = try await intake.person(name)
    return try await intake.commit { [store = intake.store] work in
      let item = intake.submission(by: person) { $0.assignmentPolicy = intake.policy }
      let before = try count(work.connection)
      let answers = try SubmitRequests(store: store)([item], work)
      #expect(answers[0].refusalCodes == [])
      return try count(work.connection) - before
    }
  }

  private func count(_ connection: Connection) throws -> Int {
    try connection.value(
      """
      SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint
      FROM pg_stat_xact_user_tables WHERE schemaname = 'intake'
      """, as: Int.self)
  }
}
