import EntitlementModel
import Foundation
import Messaging
import Postgres
import Testing

@testable import RequestIntake

/// Goal: a batch costs what it asks for, however much is stored. Method: tables that grew too fast to be analyzed, the
/// role that row-level security binds, and the server's own count of the rows that it fetched.
@Suite("Finding rows by their keys")
struct KeyLookupTests {
  private static let stored = 2_000

  @Test("Who signs in is found without reading the others")
  func people() async throws {
    try await IntakeFixture.run { intake in
      let read = try await intake.commit { work in
        try store(work, tenant: intake.tenant)
        let wanted = (1...10).map {
          TenantIdentity(tenant: intake.tenant, identity: Identity(issuer: "issuer", subject: "p\($0)"))
        }
        return try rowsRead(work.connection) {
          let found = try SubjectTable(connection: work.connection).find(wanted)
          #expect(found.count == 10)
        }
      }
      #expect(read <= 20)
    }
  }

  @Test("Requests are locked without reading the others")
  func requests() async throws {
    try await IntakeFixture.run { intake in
      let read = try await intake.commit { work in
        try store(work, tenant: intake.tenant)
        let ids = try work.connection.values("SELECT id FROM request ORDER BY id LIMIT 10", as: UUID.self)
        let table = RequestTable(connection: work.connection)
        return try rowsRead(work.connection) {
          let tenants: Set<UUID> = [intake.tenant]
          let locked = try [
            table.lock(ids, tenants: tenants), table.lockWithOrigins(ids, tenants: tenants),
            table.lock(assignments: ids, tenants: tenants),
          ]
          #expect(locked.map(\.count) == [10, 10, 10])
        }
      }
      #expect(read <= 60)
    }
  }

  private func store(_ work: Work, tenant: UUID) throws {
    let connection = work.connection
    work.record(.subjectUpdated, of: tenant, tenant: tenant, by: .system)
    try connection.execute(
      """
      INSERT INTO subject (id, tenant, version, name, email, email_key, display_name, kind)
      SELECT gen_random_uuid(), \(tenant), 1, '', 'p' || i, 'p' || i, 'p' || i, 'external'
      FROM generate_series(1, \(Self.stored)) AS i
      """)
    try connection.execute(
      """
      INSERT INTO subject_identity (tenant, issuer, subject, person)
      SELECT tenant, 'issuer', email, id FROM subject WHERE tenant = \(tenant)
      """)
    try connection.execute(
      """
      INSERT INTO request (id, tenant, version, kind, state, status, target_subject, target_email,
        target_display_name, target_is_member, requestor, access_package, assignment, justification, created_at,
        is_live)
      SELECT id, tenant, 1, 'userAdd', 'delivering', 'Delivering', id, email, display_name, false, id, tenant, id,
        '', now(), true
      FROM subject WHERE tenant = \(tenant)
      """)
  }

  private func rowsRead(_ connection: Connection, by work: () throws -> Void) throws -> Int {
    let count: SQL = """
      SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables
      WHERE relname IN ('subject', 'subject_identity', 'request')
      """
    let before = try connection.value(count, as: Int.self)
    try work()
    return try connection.value(count, as: Int.self) - before
  }
}
