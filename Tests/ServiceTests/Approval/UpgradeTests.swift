import EntitlementModel
import Foundation
import LocalSystem
import Logging
import Postgres
import TestSupport
import Testing

@testable import Approval
@testable import Messaging

@Suite("A schema with rows of an earlier release")
struct UpgradeTests {
  @Test("What was decided and what waits has one stage, as its owner migrates it under row-level security")
  func stages() async throws {
    let storage = try await TestDatabase.make()
    let owner = "owner_" + UUID().uuidString.lowercased().replacing("-", with: "")
    try await storage.execute("CREATE ROLE \(owner) LOGIN PASSWORD '\(owner)'")
    try await storage.execute("GRANT CREATE ON DATABASE \(storage.name) TO \(owner)")
    var configuration = DatabaseConfiguration(
      url: storage.administrator.url(database: storage.name, user: owner, password: owner),
      applicationName: "upgrade-tests")
    configuration.searchPath = ["approval"]
    let database = Database(
      configuration, logger: Logger(label: "upgrade-tests") { _ in SwiftLogNoOpLogHandler() })
    let before = Array(ApprovalMigrations.all.prefix { $0.name != "M0102_stages" })
    try await Migrator(schema: "approval", migrations: before).migrate(using: database)
    let (tenant, waiting, decided) = (UUID(), UUID(), UUID())
    try await storage.execute(
      """
      INSERT INTO approval.approval (id, tenant, request_epoch, request_version, version, state, target_subject,
        target_email, target_display_name, target_is_member, requestor, access_package, assignment_policy, justification,
        opened_at, expires_at, decided_by, decided_as, decision_justification, decided_at)
      SELECT id::uuid, '\(tenant)', 1, 1, 1, state, gen_random_uuid(), '', '', false, gen_random_uuid(),
        gen_random_uuid(), gen_random_uuid(), '', '2026-11-01 12:00:00.25Z', '2026-11-15 12:00:00.25Z', decider::uuid,
        capacity, why, at::timestamptz
      FROM (VALUES ('\(waiting)', 'pending', NULL, NULL, NULL, NULL),
        ('\(decided)', 'denied', '\(tenant)', 'fallback', 'No', '2026-11-02 12:00Z'))
        AS v (id, state, decider, capacity, why, at)
      """)
    try await Migrator(schema: "approval", migrations: ApprovalMigrations.all).migrate(using: database)
    let found = try await database.transaction(settings: ["vestibule.tenants": "{\(tenant)}"]) { connection in
      try ApprovalTable(connection: connection).find([waiting, decided], tenants: [tenant])
    }
    await database.close()
    #expect(found[waiting]?.approval.state == .pending)
    #expect(found[waiting]?.approval.stages.map(\.plan.timeout) == [.days(14)])
    #expect(found[waiting]?.approval.nextDue == Date(microseconds: 1_794_744_000_250_000))
    let decision = try #require(found[decided]?.approval.decisions.first)
    #expect(decision.verdict == .deny && decision.capacity == .fallback && decision.by == tenant)
    #expect(decision.justification == "No")
  }
}
