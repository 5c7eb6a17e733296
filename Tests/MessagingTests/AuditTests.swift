import Contracts
import EntitlementModel
import Foundation
import Postgres
import Protocols
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// Goal: what was changed is recorded with the change, chained within a moment, and nobody alters it unseen.
@Suite("Audit") struct AuditTests {
  private struct Bench {
    let messaging: MessagingBench
    let transactor: Transactor
    let tenant = UUID()

    init() async throws {
      messaging = try await MessagingBench()
      transactor = messaging.transactor(messaging.outbox())
    }

    var sealer: AuditSealer {
      AuditSealer(messaging.service, transactor: transactor, logger: MessagingBench.logger)
    }

    func sealAll() async throws {
      while try await messaging.count("audit_pending") > 0 { _ = try await sealer.seal() }
    }

    /// One transaction an entry, all sealed.
    func record(_ count: Int, about subject: UUID? = nil, words: [String: String] = [:]) async throws {
      for index in 0..<count {
        try await transactor.commit(tenants: [tenant]) { work in
          work.record(
            .subjectUpdated, of: UUID(), tenant: tenant, number: index, by: .approver(UUID()),
            details: AuditDetails(["step": "\(index)"], about: subject, words: words))
        }
      }
      try await sealAll()
    }

    /// One transaction an entry, of so many at once.
    func commit(writers: Int, each count: Int) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<writers {
          group.addTask {
            for index in 0..<count {
              try await transactor.commit(tenants: [tenant]) { work in
                work.record(
                  .guestUpdated, of: UUID(), tenant: tenant, number: writer * 1_000 + index, by: .system)
              }
            }
          }
        }
        try await group.waitForAll()
      }
    }

    func records() async throws -> [Vestibule_Model_V1_AuditRecord] {
      try await transactor.read(tenants: [tenant]) { connection in
        try AuditTable(connection: connection).page(of: tenant, after: 0, limit: 10_000)
      }
    }

    func head() async throws -> Vestibule_Model_V1_AuditHead {
      try await transactor.read(tenants: [tenant]) { connection in
        try AuditTable(connection: connection).head(of: tenant)
      }.message(service: messaging.service, tenant: tenant)
    }

    func verify(passing known: [Vestibule_Model_V1_AuditHead] = []) async throws -> AuditVerification {
      var verification = AuditVerification(messaging.service, after: .init(), passing: known)
      for record in try await records() { verification.take(record) }
      verification.finish(at: try await head())
      return verification
    }
  }

  @Test("What is told is recorded under its name, by whom, in the transaction that tells it")
  func recorded() async throws {
    let bench = try await Bench()
    let (initiator, object) = (Initiator(subject: UUID(), role: "tenantAdministrator"), UUID())
    await #expect(throws: CancellationError.self) {
      try await bench.transactor.commit(tenants: [bench.tenant]) { work in
        try work.tell(
          .guestDeleted, object, tenant: bench.tenant, number: 1, by: initiator, Note.body("lost"))
        throw CancellationError()
      }
    }
    try await bench.transactor.commit(tenants: [bench.tenant]) { work in
      try work.tell(
        .guestBlocked, object, tenant: bench.tenant, number: 2, by: initiator,
        details: AuditDetails(["state": "blocked"]), Note.body("kept"))
      try work.tellAgain(.guestBlocked, object, tenant: bench.tenant, number: 2, Note.body("again"))
    }
    try await bench.sealAll()
    let entries = try await bench.records().map(\.entry)
    #expect(entries.map(\.action) == ["guest.blocked"])
    #expect(entries.map(\.kind) == ["guest"])
    #expect(entries.map(\.object) == [object.uuidString.lowercased()])
    #expect(entries.map(\.initiator) == [initiator.subject?.uuidString.lowercased()])
    #expect(entries.map(\.role) == ["tenantAdministrator"])
    #expect(entries.map(\.codes) == [#"{"state":"blocked"}"#])
  }

  @Test("A transaction costs one statement, whatever it changes")
  func oneRow() async throws {
    let bench = try await Bench()
    try await bench.transactor.commit(tenants: [bench.tenant]) { work in
      for number in 0..<500 {
        work.record(.guestUpdated, of: UUID(), tenant: bench.tenant, number: number, by: .system)
      }
    }
    #expect(try await bench.messaging.count("audit_pending") == 1)
    try await bench.sealAll()
    #expect(try await bench.records().map(\.entry.version) == Array(0..<500))
    #expect(try await bench.verify().findings == [])
  }

  @Test("What commits late is sealed late: several sealers leave no gap and take nothing twice")
  func lateCommits() async throws {
    let bench = try await Bench()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for index in 0..<25 {
            try await bench.transactor.commit(tenants: [bench.tenant]) { work in
              work.record(
                .guestUpdated, of: UUID(), tenant: bench.tenant, number: writer * 100 + index, by: .system)
              // Some hold their transaction open until what others committed meanwhile is sealed, if any do.
              if index % 5 == writer % 5 { _ = try Self.sees(1, more: true, within: .milliseconds(50), work) }
            }
          }
        }
      }
      for _ in 0..<3 {
        group.addTask {
          while try await bench.messaging.count("audit") < 200 { _ = try await bench.sealer.seal() }
        }
      }
      try await group.waitForAll()
    }
    let records = try await bench.records()
    #expect(records.map(\.position) == Array(1...200))
    #expect(Set(records.map(\.entry.version)).count == 200)
    #expect(try await bench.verify().findings == [])
  }

  @Test("Who commits waits for nobody: a transaction that is still open keeps neither others nor their seals")
  func unserialized() async throws {
    let bench = try await Bench()
    async let held = bench.transactor.commit(tenants: [bench.tenant]) { work in
      try work.connection.execute(
        "INSERT INTO audit_pending (work, entries) VALUES (gen_random_uuid(), '')")
      // Open for as long as the others need: were they to wait for it, it would wait in vain.
      return try Self.sees(40, within: .seconds(20), work)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await bench.record(5) } }
      try await group.waitForAll()
    }
    #expect(try await held)
    #expect(try await bench.verify().findings == [])
  }

  /// Whether an open transaction comes to see so many sealed rows (or so many more than it does now) in time.
  private static func sees(
    _ number: Int, more: Bool = false, within limit: Duration, _ work: Work
  ) throws -> Bool {
    func sealed() throws -> Int { try work.connection.value("SELECT count(*) FROM audit", as: Int.self) }
    let (wanted, end) = (number + (more ? try sealed() : 0), ContinuousClock.now + limit)
    while try sealed() < wanted { if ContinuousClock.now > end { return false } }
    return true
  }

  @Test("Eight writers of one tenant commit at once, and within a second of the last commit all is sealed")
  func sealedSoon() async throws {
    let bench = try await Bench()
    let clock = ContinuousClock()
    var waited: [Duration] = []
    try await running(bench.sealer) {
      // What else the machine does may make it late once, not every time.
      while waited.count < 8, waited.min() ?? .seconds(1) >= .seconds(1) {
        try await bench.commit(writers: 8, each: 50)
        let last = clock.now
        try await eventually(within: .seconds(20), equals: 0) {
          try await bench.messaging.count("audit_pending")
        }
        waited.append(clock.now - last)
      }
    }
    #expect(try #require(waited.min()) < .seconds(1))
    #expect(try await bench.verify().findings == [])
    #expect(try await bench.verify().count == waited.count * 400)
  }

  @Test("A witness keeps the farthest end that it was told, in whatever order, and none of its own service")
  func witness() async throws {
    let bench = try await Bench()
    try await bench.record(4)
    let head = try await bench.head()
    func told(_ position: Int64, _ hash: Data, by service: ServiceName = .approval)
      -> Received<Vestibule_Events_V1_AuditEvent>
    {
      Received(
        id: UUID(), type: .auditSealed, aggregate: bench.tenant, tenant: bench.tenant,
        version: Version(epoch: 1, number: Int(position)),
        body: .with {
          ($0.head.service, $0.head.tenant) = (service.rawValue, bench.tenant.text)
          ($0.head.position, $0.head.hash) = (position, hash)
        })
    }
    for events in [
      [told(4, head.hash), told(2, Data([2]))], [told(3, Data([3]))], [told(9, Data([9]), by: .provisioning)],
    ] {
      try await bench.transactor.commit(tenants: [bench.tenant]) { work in
        try AuditWitness(connection: work.connection).take(events + events, of: .provisioning, at: work.now)
      }
    }
    let seen = try await bench.transactor.read(tenants: [bench.tenant]) { connection in
      try AuditWitness(connection: connection).heads(of: bench.tenant)
    }
    #expect(seen.map(\.service) == ["approval"])
    #expect(seen.map(\.position) == [4])
    #expect(seen.map(\.hash) == [head.hash])
    #expect(
      try await bench.transactor.read(tenants: [UUID()]) { connection in
        try AuditWitness(connection: connection).heads(of: bench.tenant)
      }.isEmpty)
  }

  @Test("Each tenant has a chain of its own, and its head is told once it reaches further")
  func tenants() async throws {
    let bench = try await Bench()
    let other = UUID()
    for tenant in [bench.tenant, other, bench.tenant] {
      try await bench.transactor.commit(tenants: [tenant]) { work in
        work.record(.guestUpdated, of: UUID(), tenant: tenant, by: .system)
      }
    }
    try await bench.sealAll()
    let heads = try await bench.messaging.execute(
      "SELECT tenant, position FROM provisioning.audit_head ORDER BY position")
    #expect(heads.split(separator: "\n").map { $0.uppercased() } == ["\(other)|1", "\(bench.tenant)|2"])
    #expect(try await bench.messaging.count("outbox") == 1)
  }

  @Test("The words about a person can be erased; the chain holds without them")
  func erasure() async throws {
    let bench = try await Bench()
    try await bench.record(3, about: UUID(), words: ["email": "anna@fabrikam.example", "note": "a\"\\\n"])
    #expect(try await bench.records().allSatisfy { $0.words.text.contains("anna@fabrikam.example") })
    try await bench.messaging.execute("DELETE FROM provisioning.audit_words WHERE ordinal = 0")
    let verification = try await bench.verify()
    #expect(verification.findings == [])
    #expect(verification.erased == 3)
    #expect(try await !bench.records().contains { $0.hasWords })
  }

  @Test(
    "Traces of erased people are looked for at once, a minute later, and hourly as long as old events are taken"
  )
  func patience() async throws {
    let messaging = try await MessagingBench()
    let start = Date(microseconds: 1_800_000_000_000_000)
    let clock = Mutex(start)
    let transactor = messaging.transactor(messaging.outbox()) { clock.withLock(\.self) }
    let (subject, tenant) = (UUID(), UUID())
    try await transactor.commit(tenants: [tenant]) { work in
      try ErasedSubjects(connection: work.connection).note([
        ErasedSubject(subject: subject, tenant: tenant, requests: [], erasedAt: work.now)
      ])
    }
    let visits = Mutex(0)
    let worker = ErasureWorker(
      transactor: transactor, deadLetters: messaging.deadLetters(), logger: MessagingBench.logger
    ) { erased, work in
      #expect(erased.map(\.subject) == [subject])
      // Whoever did not know yet has committed words after all.
      try work.connection.execute(
        """
        INSERT INTO audit_words (work, ordinal, tenant, subject, salt, words)
        VALUES (\(work.newID()), 0, \(tenant), \(subject), '', 'late')
        """)
      visits.withLock { $0 += 1 }
    }
    for (seconds, count) in [
      (0, 1), (1, 1), (60, 2), (3_000, 2), (3_661, 3), (40 * 86_400, 4), (80 * 86_400, 4),
    ] {
      clock.withLock { $0 = start + TimeInterval(seconds) }
      _ = try await worker.visit()
      #expect(visits.withLock(\.self) == count, "after \(seconds) seconds")
    }
    #expect(try await messaging.count("audit_words") == 1)
  }

  @Test(
    "A chain that is shortened at its beginning still holds, and says itself that it was; by nobody else's hand"
  )
  func shortened() async throws {
    let messaging = try await MessagingBench()
    let start = Date(microseconds: 1_800_000_000_000_000)
    let clock = Mutex(start)
    let transactor = messaging.transactor(messaging.outbox()) { clock.withLock(\.self) }
    let tenant = UUID()
    func record(_ count: Int) async throws {
      for _ in 0..<count {
        try await transactor.commit(tenants: [tenant]) { work in
          work.record(
            .subjectUpdated, of: UUID(), tenant: tenant, by: .system,
            details: AuditDetails(about: UUID(), words: ["email": "anna@fabrikam.example"]))
        }
      }
      let sealer = AuditSealer(messaging.service, transactor: transactor, logger: MessagingBench.logger)
      while try await messaging.count("audit_pending") > 0 { _ = try await sealer.seal() }
    }
    func verify() async throws -> AuditVerification {
      let (records, head) = try await transactor.read(tenants: [tenant]) { connection in
        let table = AuditTable(connection: connection)
        return (try table.page(of: tenant, after: 0, limit: 1_000), try table.head(of: tenant))
      }
      var verification = AuditVerification(
        messaging.service, after: .with { ($0.position, $0.hash) = (head.prunedPosition, head.prunedHash) })
      for record in records { verification.take(record) }
      verification.finish(at: head.message(service: messaging.service, tenant: tenant))
      return verification
    }
    try await record(7)
    clock.withLock { $0 = start + 86_400 }
    try await record(5)
    let pruner = AuditPruner(transactor: transactor, logger: MessagingBench.logger)
    for _ in 0..<2 {
      try await transactor.commit(tenants: [tenant]) { work in
        let retention = AuditRetention(connection: work.connection)
        try retention.keep(from: start + 3_600, of: tenant)
        try retention.keep(from: start, of: tenant)
      }
      while try await pruner.prune() {}
    }
    try await record(0)
    #expect(try await messaging.count("audit") == 6)
    #expect(try await messaging.count("audit_words") == 5)
    #expect(try await verify().findings == [])

    // Somebody else takes the next row, and says that this is where it begins.
    try await messaging.execute(
      """
      SET search_path = provisioning;
      UPDATE audit_head h SET pruned_position = a.position, pruned_hash = a.hash FROM audit a WHERE a.position = 8;
      DELETE FROM audit WHERE position = 8
      """)
    #expect(try await verify().findings == [.beginningUnaccounted(8)])
  }

  struct Tampering: Sendable, CustomTestStringConvertible {
    let what: String
    let sql: String
    let finds: [AuditVerification.Finding]
    var testDescription: String { what }
  }

  private static let kinds: [Tampering] = [
    Tampering(
      what: "a changed row", sql: "UPDATE audit SET role = 'system' WHERE position = 4", finds: [.tampered(4)]
    ),
    Tampering(
      what: "a row that says another person did it",
      sql: "UPDATE audit SET initiator = gen_random_uuid() WHERE position = 10", finds: [.tampered(10)]),
    Tampering(
      what: "a row with another's content and hash",
      sql: """
        UPDATE audit a SET (hash, codes, work, at, initiator, object, version)
          = (b.hash, b.codes, b.work, b.at, b.initiator, b.object, b.version)
        FROM audit b WHERE a.position = 4 AND b.position = 7
        """, finds: [.wordsTampered(4), .tampered(4)]),
    Tampering(
      what: "a row that is gone", sql: "DELETE FROM audit WHERE position = 5", finds: [.missing(5...5)]),
    Tampering(
      what: "rows that are gone, with the gap closed",
      sql: """
        DELETE FROM audit WHERE position IN (5, 6);
        UPDATE audit SET position = position + 98 WHERE position > 6;
        UPDATE audit SET position = position - 100 WHERE position > 100
        """, finds: [.missing(5...6), .moved(5, from: 7)]),
    Tampering(
      what: "an end that is gone", sql: "DELETE FROM audit WHERE position > 8", finds: [.missing(9...10)]),
    Tampering(
      what: "a row put in",
      sql: """
        UPDATE audit SET position = position + 100 WHERE position > 3;
        UPDATE audit SET position = position - 99 WHERE position > 100;
        INSERT INTO audit SELECT tenant, 4, previous, hash, gen_random_uuid(), ordinal, at, initiator, role, action,
          kind, object, version, codes, commitment FROM audit WHERE position = 3
        """, finds: [.inserted(4), .moved(5, from: 4)]),
    Tampering(
      what: "a row put at the end",
      sql: """
        INSERT INTO audit SELECT tenant, 11, hash, hash, work, 1, at, initiator, role, action, kind, object, version,
          codes, commitment FROM audit WHERE position = 10
        """, finds: [.inserted(11)]),
    Tampering(
      what: "two rows that changed places",
      sql: """
        UPDATE audit SET position = 100 WHERE position = 4;
        UPDATE audit SET position = 4 WHERE position = 5;
        UPDATE audit SET position = 5 WHERE position = 100
        """, finds: [.moved(4, from: 5), .moved(5, from: 4)]),
    Tampering(
      what: "words that were changed",
      sql: "UPDATE audit_words SET words = '{\"email\":\"eve@fabrikam.example\"}'",
      finds: (1...10).map { .wordsTampered($0) }),
  ]

  @Test("Nobody alters the chain unseen", arguments: Self.kinds)
  func alter(_ tampering: Tampering) async throws {
    let bench = try await Bench()
    try await bench.record(10, about: UUID(), words: ["email": "anna@fabrikam.example"])
    #expect(try await bench.verify().findings == [])
    try await bench.messaging.execute("SET search_path = provisioning; \(tampering.sql)")
    #expect(try await bench.verify().findings == tampering.finds)
  }

  @Test("An end that is gone together with its head is found by a head that was told before")
  func knownHead() async throws {
    let bench = try await Bench()
    try await bench.record(10)
    let told = try await bench.head()
    try await bench.messaging.execute(
      """
      SET search_path = provisioning;
      DELETE FROM audit WHERE position > 6;
      UPDATE audit_head h SET position = 6, hash = a.hash FROM audit a WHERE a.position = 6
      """)
    #expect(try await bench.verify().findings == [])
    #expect(try await bench.verify(passing: [told]).findings == [.missing(7...10)])
    try await bench.record(6)
    #expect(try await bench.verify().findings == [])
    #expect(try await bench.verify(passing: [told]).findings == [.headDiffers(10)])
  }

  @Test("A row with a seal of its own is found by what follows it")
  func resealed() async throws {
    let bench = try await Bench()
    try await bench.record(5)
    let forged = try #require(try await bench.records().first { $0.position == 3 })
    var entry = forged.entry
    entry.role = "system"
    let hash = AuditHash.of(
      entry, service: bench.messaging.service, position: 3, previous: forged.previous)
    try await bench.messaging.execute(
      """
      UPDATE provisioning.audit SET role = 'system', hash = '\\x\(AuditHash.text(hash))' WHERE position = 3
      """)
    #expect(try await bench.verify().findings == [.replaced(3)])
  }

  @Test("Of another tenant nothing is seen")
  func isolation() async throws {
    let bench = try await Bench()
    try await bench.record(2, about: UUID(), words: ["email": "anna@fabrikam.example"])
    let seen = try await bench.transactor.read(tenants: [UUID()]) { connection in
      try AuditTable(connection: connection).page(of: bench.tenant, after: 0, limit: 10)
    }
    #expect(seen.isEmpty)
  }
}
