import EntitlementModel
import Foundation
import Postgres
import Testing
import TestSupport

@testable import Expiry
@testable import Messaging

@Suite("A small tenant's deadlines beside a large one's")
struct DeadlinesOfManyTenantsTests {
  @Test("Lists of deadlines and notices read no more when another tenant has a thousand times as much")
  func lists() async throws {
    let bench = try await ExpiryBench()
    try await fill(bench, tenant: bench.tenant, 20)
    let alone = try await blocks(bench)
    try await fill(bench, tenant: UUID(), 20_000)
    for (before, after) in zip(alone, try await blocks(bench)) { #expect(after <= 2 * before + 60) }
    await bench.database.close()
  }

  private func blocks(_ bench: ExpiryBench) async throws -> [Int] {
    try await bench.commit { [tenant = bench.tenant] work in
      let connection = work.connection
      return [
        try connection.blocksFetched(of: "expiry") {
          let found = try DeadlineTable(connection: connection).page(tenant: tenant, after: nil, limit: 100)
          #expect(found.count == 20)
        },
        try connection.blocksFetched(of: "expiry") {
          let found = try NoticeTable(connection: connection).page(
            tenant: tenant, recipient: nil, about: nil, after: nil, limit: 100)
          #expect(found.count == 20)
        },
      ]
    }
  }

  private func fill(_ bench: ExpiryBench, tenant: UUID, _ count: Int) async throws {
    try await bench.commit { work in
      try work.enter([tenant])
      work.record(.subjectUpdated, of: tenant, tenant: tenant, by: .system)
      try work.connection.execute(
        """
        INSERT INTO deadline (aggregate, kind, tenant, epoch, version, due_at)
        SELECT gen_random_uuid(), 'guest-block', \(tenant), 1, 1, now() + i * interval '1 minute'
        FROM generate_series(1, \(count)) AS i
        """)
      try work.connection.execute(
        """
        INSERT INTO notice (tenant, id, kind, about, recipient, moment, due_at, told_at)
        SELECT \(tenant), gen_random_uuid(), \(Notice.Kind.guestBlocked), gen_random_uuid(), gen_random_uuid(), now(),
          now(), now()
        FROM generate_series(1, \(count)) AS i
        """)
    }
  }
}
