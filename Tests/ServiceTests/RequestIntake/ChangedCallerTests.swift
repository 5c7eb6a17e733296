import Contracts
import EntitlementModel
import Foundation
import Identity
import Logging
import Protocols
import SwiftProtobuf
import Synchronization
import Testing

@testable import Messaging
@testable import RequestIntake
@testable import ServiceRuntime

@Suite("Callers about whom something has changed")
struct ChangedCallerTests {
  /// Remembers for ever what it once said, unless that is asked anew.
  private final class Memory: PrincipalSource {
    private let answers: Mutex<[Principal]>
    let asked = Mutex(0)

    init(_ answers: [Principal]) { self.answers = Mutex(answers) }

    func principal(for token: String, since instant: Date) async throws -> Principal {
      if instant > .distantPast {
        asked.withLock { $0 += 1 }
        answers.withLock { if $0.count > 1 { $0.removeFirst() } }
      }
      return answers.withLock { $0[0] }
    }
  }

  @Test("Merged and parted, a person is asked for anew by every service, and not before")
  func merged() async throws {
    try await IntakeFixture.run { intake in
      let (ann, old, eve) = (
        try await intake.person("ann"), try await intake.person("old"), try await intake.person("eve")
      )
      let sessions = Sessions(
        database: intake.database, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let memory = Memory([old, ann, old])
      let others = Memory([eve])
      let (callers, strangers) = (
        CheckedPrincipals(source: memory, sessions: sessions),
        CheckedPrincipals(source: others, sessions: sessions)
      )
      try await sessions.refresh(at: intake.now)
      #expect(try await callers.principal(for: "old").subject == old.subject)
      #expect(memory.asked.withLock(\.self) == 0)

      let merge = MergeSubjects.Merge(
        survivor: try #require(ann.subject), merged: try #require(old.subject))
      _ = try await intake.commit { work in
        try MergeSubjects(store: intake.store)(
          [merge], isDryRun: false, tenant: intake.tenant, principal: intake.administrator(), work)
      }[0].get()
      try await sessions.refresh(at: intake.now)
      #expect(try await callers.principal(for: "old").subject == ann.subject)
      #expect(try await strangers.principal(for: "eve").subject == eve.subject)
      #expect(others.asked.withLock(\.self) == 0)

      intake.wait(.days(1))
      _ = try await intake.commit { work in
        try MergeSubjects.undo(
          [merge.merged], tenant: intake.tenant, principal: intake.administrator(), work)
      }
      try await sessions.refresh(at: intake.now)
      #expect(try await callers.principal(for: "old").subject == old.subject)
      // Long after, what is remembered is younger than that.
      intake.wait(.days(1))
      try await sessions.refresh(at: intake.now)
      let before = memory.asked.withLock(\.self)
      _ = try await callers.principal(for: "old")
      #expect(memory.asked.withLock(\.self) == before)
    }
  }

  @Test("Of whoever is new nothing is remembered; told twice, or late, the latest change counts")
  func folds() async throws {
    try await IntakeFixture.run { intake in
      let (new, changed) = (UUID(), UUID())
      try await follow(intake, [(new, 1), (changed, 2)])
      let first = try await all(intake)
      #expect(first.map(\.subject) == [changed])
      intake.wait(.days(1))
      try await follow(intake, [(changed, 3), (changed, 3), (changed, 2)])
      #expect(
        try await all(intake) == [ChangedCaller(tenant: intake.tenant, subject: changed, at: intake.now)])
      try await intake.commit { [tenant = intake.tenant] work in
        try ChangedCallerTable(connection: work.connection).take(
          [ChangedCaller(tenant: tenant, subject: changed, at: first[0].at)])
      }
      #expect(try await all(intake).map(\.at) == [intake.now])
    }
  }

  private func follow(_ intake: IntakeFixture, _ told: [(UUID, Int)]) async throws {
    let events = told.map { subject, number in
      Received(
        id: UUID(), type: .subjectChanged, aggregate: subject, tenant: intake.tenant,
        version: Version(epoch: 1, number: number), body: Vestibule_Events_V1_SubjectEvent())
    }
    try await intake.commit { work in try FollowSessions()(events, work) }
  }

  private func all(_ intake: IntakeFixture) async throws -> [ChangedCaller] {
    try await intake.read { try ChangedCallerTable(connection: $0).all(since: .distantPast) }
  }
}
