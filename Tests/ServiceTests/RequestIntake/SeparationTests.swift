import Contracts
import EntitlementModel
import Foundation
import Identity
import Messaging
import Postgres
import Protocols
import ServiceRuntime
import SwiftProtobuf
import Testing

@testable import RequestIntake

@Suite("Separation of duties (decision 25)")
struct SeparationTests {
  private let audits = UUID()
  private let auditsPolicy = UUID()

  /// A second package, which may not be held beside the first.
  private func separate(
    _ intake: IntakeFixture, exceptions: [Vestibule_Model_V1_SeparationException] = []
  ) async throws {
    try await intake.put("audits", id: audits) {
      $0.accessPackage = .with {
        ($0.catalog, $0.displayName) = (intake.catalog.text, "Audits")
        $0.incompatibleAccessPackages = [
          .with { ($0.accessPackage, $0.exceptions) = (intake.package.text, exceptions) }
        ]
      }
    }
    try await intake.putPolicy("audits", id: auditsPolicy) { $0.accessPackage = audits.text }
  }

  private func exception(
    for person: Principal, until end: Date
  ) -> Vestibule_Model_V1_SeparationException {
    .with {
      ($0.subject, $0.reason) = (person.subject?.text ?? "", "Until the successor is there")
      $0.endDateTime = .init(end)
    }
  }

  private func codes(_ body: () async throws -> Vestibule_Model_V1_Request) async throws -> [Reason.Code] {
    do {
      _ = try await body()
      return []
    } catch let refusal as Refusal {
      return refusal.reasons.map(\.code)
    }
  }

  @Test(
    "An extension waits for its person before it locks a request, as submissions do: neither waits in a circle"
  )
  func locksPeopleFirst() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      let ann = try await intake.person("ann")
      let held = try await intake.submit(by: ann)
      let id = try #require(UUID(text: held.id))
      try await intake.commit { work in
        let table = RequestTable(connection: work.connection)
        try table.serialize(people: [try #require(ann.subject)])
        let extending = Task { _ = try await intake.extend(held, by: ann) }
        defer { extending.cancel() }
        let waiting: SQL = """
          SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
          WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
          """
        let limit = Date(timeIntervalSinceNow: 20)
        while try work.connection.value(waiting, as: Int.self) == 0, Date() < limit {}
        #expect(try work.connection.value(waiting, as: Int.self) == 1)
        #expect(
          try work.connection.values(
            "SELECT id FROM request WHERE id = \(id) FOR UPDATE NOWAIT", as: UUID.self) == [id])
      }
    }
  }

  @Test("It is two-way, though one package alone says so, and open requests count")
  func twoWay() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      try await intake.requireApproval()
      let (ann, bob) = (try await intake.person("ann"), try await intake.person("bob"))
      let open = try await intake.submit(by: ann)
      #expect(open.state == .pendingApproval)
      #expect(
        try await codes { try await intake.submit(by: ann) { $0.accessPackage = audits } } == [
          .incompatibleAccess
        ])
      _ = try await intake.submit(by: bob) { $0.accessPackage = audits }
      #expect(try await codes { try await intake.submit(by: bob) } == [.incompatibleAccess])
      try await intake.decide(open, .denied)
      #expect(try await codes { try await intake.submit(by: ann) { $0.accessPackage = audits } }.isEmpty)
    }
  }

  @Test("Of both in one batch, and of both at once through two copies, one is accepted")
  func races() async throws {
    try await IntakeFixture.run { intake in
      try await separate(intake)
      let (ann, audits) = (try await intake.person("ann"), self.audits)
      let batch = [intake.submission(by: ann), intake.submission(by: ann) { $0.accessPackage = audits }]
      #expect(try await intake.submit(batch).count { (try? $0.get()) != nil } == 1)
      for number in 0..<10 {
        let person = try await intake.person("p\(number)")
        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
          for package in [intake.package, audits] {
            let item = intake.submission(by: person) { $0.accessPackage = package }
            group.addTask { (try? await intake.submit([item])[0].get()) != nil }
          }
          return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
      }
    }
  }

  @Test("Administrators are refused too; an exception lets it be held until the exception ends")
  func exceptions() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let end = intake.now + .days(30)
      try await separate(intake)
      _ = try await intake.submit(by: ann)
      let assign = {
        try await intake.submit(by: intake.administrator()) {
          ($0.accessPackage, $0.targetSubject) = (audits, ann.subject)
        }
      }
      #expect(try await codes(assign) == [.incompatibleAccess])
      try await separate(intake, exceptions: [exception(for: ann, until: end)])
      let made = try await assign()
      #expect(made.endDateTime.instant == end)
      #expect(made.duration == "P180D")
    }
  }

  @Test("What is held under an exception is not extended beyond it")
  func extensions() async throws {
    try await IntakeFixture.run { intake in
      let ann = try await intake.person("ann")
      let end = intake.now + .days(30)
      try await separate(intake, exceptions: [exception(for: ann, until: end)])
      _ = try await intake.submit(by: ann)
      let made = try await intake.submit(by: ann) { $0.accessPackage = audits }
      try await intake.fold([intake.assignment(of: made, .delivered, version: 2, days: 30)])
      intake.wait(.days(25))
      let refused = try await intake.extend(made, by: ann)
      guard case .failure(let refusal) = refused else {
        Issue.record("extended beyond the exception")
        return
      }
      #expect(refusal.reasons.map(\.code) == [.extensionLimitReached])
      try await separate(intake, exceptions: [exception(for: ann, until: end + .days(60))])
      #expect(try await intake.extend(made, by: ann).get().endDateTime.instant == end + .days(60))
    }
  }

  @Test("The report says who holds both already, page by page, to administrators alone")
  func report() async throws {
    try await IntakeFixture.run { intake in
      try await intake.put("audits", id: audits) {
        $0.accessPackage = .with { ($0.catalog, $0.displayName) = (intake.catalog.text, "Audits") }
      }
      try await intake.putPolicy("audits", id: auditsPolicy) { $0.accessPackage = audits.text }
      var both: Set<String> = []
      for number in 0..<5 {
        let person = try await intake.person("p\(number)")
        _ = try await intake.submit(by: person)
        if number < 3 {
          both.insert(try await intake.submit(by: person) { $0.accessPackage = audits }.target.subject)
        }
      }
      try await separate(intake)
      let first = try await page(intake, intake.administrator(), after: nil)
      let second = try await page(
        intake, intake.administrator(), after: first.last.flatMap { UUID(text: $0) })
      #expect(first.count == 2 && second.count == 1)
      #expect(Set(first + second) == both)
      let stranger = try await intake.person("stranger")
      await #expect(throws: Refusal.self) { try await page(intake, stranger, after: nil) }
    }
  }

  private func page(_ intake: IntakeFixture, _ caller: Principal, after: UUID?) async throws -> [String] {
    let (reading, audits) = (ReadRequests(store: intake.store), self.audits)
    return try await intake.read { connection in
      try reading.additionalAccess(
        audits, intake.package, tenant: intake.tenant, page: PageRequest(after: after, limit: 2),
        principal: caller, on: connection
      ).map(\.target.subject)
    }
  }
}
