import EntitlementModel
import Foundation
import Postgres
import Testing
import TestSupport

@testable import Approval
@testable import Messaging

@Suite("A small tenant's approvals beside a large one's")
struct ApprovalsOfManyTenantsTests {
  @Test("What is told again, and whether anybody is in a group, costs no more beside a large tenant")
  func lists() async throws {
    let bench = try await ApprovalBench()
    try await fill(bench, tenant: bench.tenant, 20)
    let alone = try await blocks(bench)
    try await fill(bench, tenant: UUID(), 20_000)
    for (before, after) in zip(alone, try await blocks(bench)) { #expect(after <= 2 * before + 60) }
    await bench.database.close()
  }

  private func blocks(_ bench: ApprovalBench) async throws -> [Int] {
    try await bench.commit { [tenant = bench.tenant] work in
      let connection = work.connection
      return [
        try connection.blocksFetched(of: "approval") {
          let found = try ApprovalTable(connection: connection).pendingPage(
            after: nil, tenants: [tenant], limit: 100)
          #expect(found.count == 20)
        },
        try connection.blocksFetched(of: "approval") {
          let found = try SubjectCopyTable(connection: connection).activeMembers(
            of: ["files"], tenant: tenant, at: work.now, limit: 16)
          #expect(found["files"]?.count == 16)
        },
      ]
    }
  }

  private func fill(_ bench: ApprovalBench, tenant: UUID, _ count: Int) async throws {
    try await bench.commit { work in
      try work.enter([tenant])
      work.record(.subjectUpdated, of: tenant, tenant: tenant, by: .system)
      try work.connection.execute(
        """
        INSERT INTO group_member_copy (tenant, "group", subject, is_member, epoch, version)
        SELECT \(tenant), 'files', gen_random_uuid(), true, 1, 1 FROM generate_series(1, \(count))
        """)
      try work.connection.execute(
        """
        INSERT INTO approval (id, tenant, request_epoch, request_version, version, state, target_subject, target_email,
          target_display_name, target_is_member, requestor, access_package, assignment_policy, justification, opened_at,
          stages)
        SELECT gen_random_uuid(), \(tenant), 1, 1, 1, 'pending', gen_random_uuid(), 'p' || i, '', false,
          gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', now(),
          '[{"durationBeforeAutomaticDenial": "P14D", "approvalsRequired": 1, "openedAt": "2026-01-01T00:00:00Z"}]'
        FROM generate_series(1, \(count)) AS i
        """)
    }
  }
}
