import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Expiry
@testable import Messaging

@Suite("Deadlines and notices of what is no longer kept (decision 27)")
struct ForgottenNoticeTests {
  @Test("They go, said twice too; what is still due stays, and so does what is another tenant's")
  func forgotten() async throws {
    let bench = try await ExpiryBench()
    let (over, due, end) = (UUID(), UUID(), bench.noon + .days(100))
    for id in [over, due] { try await bench.take(id, endsAt: end) }
    try await bench.fire(at: end - .days(14) + 1)
    try await bench.take(over, .expired, version: 2, endsAt: end)
    #expect(try await count(of: [over, due], bench) == [1, 1, 1, 1])
    for (tenant, expected) in [(UUID(), [1, 1, 1, 1]), (bench.tenant, [0, 0, 1, 1])] {
      let event = Received(
        id: UUID(), type: .recordsPruned, aggregate: UUID(), tenant: tenant,
        version: EntitlementModel.Version(epoch: 1, number: 1),
        body: Vestibule_Events_V1_RetentionEvent.with {
          ($0.tenant, $0.requests) = (tenant.text, [over.text])
        })
      for _ in 0..<2 {
        try await bench.commit { try FollowRetention(ExpiryService.forget)([event, event], $0) }
      }
      #expect(try await count(of: [over, due], bench) == expected)
    }
  }

  @Test("A deadline that is still armed is not forgotten")
  func armed() async throws {
    let bench = try await ExpiryBench()
    let id = UUID()
    try await bench.take(id, endsAt: bench.noon + .days(100))
    try await bench.commit { [tenant = bench.tenant] work in
      try DeadlineTable(connection: work.connection).forget([id], of: [tenant])
    }
    #expect(try await bench.deadline(of: id)?.dueAt != nil)
  }

  /// Of each: its deadlines, its notices.
  private func count(of ids: [UUID], _ bench: ExpiryBench) async throws -> [Int] {
    try await bench.commit { work in
      try ids.flatMap { id in
        [
          try work.connection.value("SELECT count(*) FROM deadline WHERE aggregate = \(id)", as: Int.self),
          try work.connection.value("SELECT count(*) FROM notice WHERE about = \(id)", as: Int.self),
        ]
      }
    }
  }
}
