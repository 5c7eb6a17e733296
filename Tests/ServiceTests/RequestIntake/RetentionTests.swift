import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf
import Testing

@testable import Messaging
@testable import RequestIntake

@Suite("How long ended requests and assignments are kept (decision 27)")
struct RetentionTests {
  private func requests(_ intake: IntakeFixture) async throws -> Set<String> {
    Set(try await intake.read { try $0.values("SELECT id FROM request", as: UUID.self) }.map(\.text))
  }

  private func prune(_ intake: IntakeFixture, batch: Int = 500) async throws {
    var prune = PruneRequests(transactor: try intake.transactor(), store: intake.store)
    prune.batch = batch
    try await prune()
  }

  private func expire(_ request: Vestibule_Model_V1_Request, _ intake: IntakeFixture) async throws {
    let now = intake.now
    try await intake.fold([intake.assignment(of: request, .expired, version: 3) { $0.endedAt = .init(now) }])
  }

  /// What was told of them, by tenant.
  private func told(_ intake: IntakeFixture) async throws -> [Vestibule_Events_V1_RetentionEvent] {
    let events = try await intake.read { connection in
      try connection.values("SELECT events FROM outbox ORDER BY id", as: [UInt8].self)
        .flatMap { OutboxRow.decode($0) ?? [] }
    }
    return try events.filter { $0.type == .recordsPruned }
      .map { try Vestibule_Events_V1_RetentionEvent(serializedBytes: $0.body) }
  }

  @Test("400 days after access ended its requests go, in as many steps as it takes; what lasts stays")
  func ended() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(5)
      intake.wait(.days(100))
      for request in requests[..<4] { try await expire(request, intake) }
      intake.wait(.days(399))
      try await prune(intake)
      #expect(try await self.requests(intake) == Set(requests.map(\.id)))
      #expect(try await told(intake).allSatisfy(\.requests.isEmpty))
      intake.wait(.days(2))
      try await prune(intake, batch: 3)
      try await prune(intake, batch: 3)
      #expect(try await self.requests(intake) == [requests[4].id])
      let events = try await told(intake).filter { !$0.requests.isEmpty }
      #expect(events.map(\.requests.count).sorted() == [1, 3])
      #expect(Set(events.flatMap(\.requests)) == Set(requests[..<4].map(\.id)))
      #expect(events.filter(\.hasAuditBefore).count == 2)
      // Access that lasts is kept, however old.
      intake.wait(.days(4_000))
      try await prune(intake)
      #expect(try await self.requests(intake) == [requests[4].id])
    }
  }

  @Test("A tenant may keep them for another while; too short a one is refused")
  func setting() async throws {
    try await IntakeFixture.run { intake in
      func keep(_ retention: String) async throws {
        try await intake.put("contoso") {
          $0.tenantSettings = .with { ($0.displayName, $0.retention) = ("Contoso", retention) }
        }
      }
      #expect(try await refusalCodes { try await keep("P30D") } == [.outOfRange])
      try await keep("P60D")
      let request = try await intake.grant(1)[0]
      try await expire(request, intake)
      intake.wait(.days(59))
      try await prune(intake)
      #expect(try await !requests(intake).isEmpty)
      intake.wait(.days(2))
      try await prune(intake)
      #expect(try await requests(intake).isEmpty)
    }
  }

  @Test("A hold of one subject keeps what the person's other subjects had, too")
  func heldAsAnother() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(3)
      for request in requests { try await expire(request, intake) }
      let people = try requests.map { try #require(UUID(text: $0.target.subject)) }
      _ = try await intake.commit {
        [store = intake.store, tenant = intake.tenant, root = intake.administrator()] work in
        _ = try LinkSubjects(store: store)(
          [.init(subject: people[0], linked: [people[1]])], isDryRun: false, tenant: tenant, principal: root,
          work)[0]
          .get()
        return try HoldSubject()(people[1], .set, reason: "lawsuit", tenant: tenant, principal: root, work)
      }
      intake.wait(.days(500))
      try await prune(intake)
      #expect(try await self.requests(intake) == Set(requests[..<2].map(\.id)))
    }
  }

  @Test("Of somebody under a legal hold everything is kept, and the audit of the tenant")
  func held() async throws {
    try await IntakeFixture.run { intake in
      let requests = try await intake.grant(2)
      for request in requests { try await expire(request, intake) }
      let person = try #require(UUID(text: requests[0].target.subject))
      func say(_ word: HoldSubject.Word) async throws {
        _ = try await intake.commit { [tenant = intake.tenant, principal = intake.administrator()] work in
          try HoldSubject()(person, word, reason: "lawsuit", tenant: tenant, principal: principal, work)
        }
      }
      try await say(.set)
      intake.wait(.days(500))
      try await prune(intake)
      #expect(try await self.requests(intake) == [requests[0].id])
      #expect(try await told(intake).allSatisfy { !$0.hasAuditBefore })
      try await say(.lift)
      try await prune(intake)
      #expect(try await self.requests(intake).isEmpty)
      #expect(try await told(intake).contains(where: \.hasAuditBefore))
    }
  }
}
