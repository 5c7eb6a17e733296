import EntitlementModel
import Foundation
import GRPCCore
import LocalSystem
import Messaging
import Protocols
import Synchronization
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: whatever dies, nothing is lost and nothing happens twice. Method: two copies of every service; at random
  /// moments (by the journeys begun; the seed is in the output) one is killed, the broker and the database restart.
  @Suite("Crashes") struct CrashTests {
    private static let journeys = 2_000
    private static let kills = 10

    @Test(
      "Two thousand journeys end well over ten kills and restarts of broker and database",
      .timeLimit(.minutes(7)))
    func survives() async throws {
      let running = try await RunningSystem.start(copies: 2, hasExternalDirectory: false)
      try await running.apply(SampleTenant.policies)
      let seed = UInt64.random(in: .min ... .max)
      print("CrashTests: seed \(seed)")
      let progress = Progress()
      async let disasters: Void = happen(planned(seed), progress, running)
      async let decisions: Void = decide(running)
      let crowd = try await submitAll(running, progress)
      try await disasters
      try await decisions

      try await eventually(within: .seconds(120), equals: Self.journeys) {
        try await running.number("SELECT count(*) FROM intake.request WHERE state = 'delivered'")
      }
      try await running.comesToRest(within: .seconds(120))
      try await everyJourneyIsWhole(crowd, running)
      await running.system.stop()
      await TestDirectory.remove(running.system.options.directory)
    }

    // MARK: What people do

    private struct Journey: Sendable {
      let id: String
      let wish: Wish
    }

    fileprivate enum Wish: Sendable {
      /// No approval, one role.
      case workshop
      /// The sponsor's approval, two roles.
      case phoenix
      /// The sponsor's approval, then the partner manager's; an answer; one role.
      case archive

      init(_ number: Int) {
        switch number % 10 {
        case 0, 5: self = .phoenix
        case 3: self = .archive
        default: self = .workshop
        }
      }
    }

    /// An answer that got lost is asked for again.
    private func submitAll(_ running: RunningSystem, _ progress: Progress) async throws -> [Journey] {
      let people = try await running.system.issuer.strangers(Self.journeys)
      return try await concurrently(people.count) { number in
        let wish = Wish(number)
        let asked = try await persistently {
          try await running.desk.submit(
            running.package(of: wish), by: people[number], key: "journey",
            answers: wish == .archive ? ["project": ["DE-4711"]] : [:])
        }
        progress.advance()
        return Journey(id: asked.id, wish: wish)
      }
    }

    /// Meanwhile both approvers say yes to whatever waits for them, until all is approved.
    private func decide(_ running: RunningSystem) async throws {
      let issuer = running.system.issuer
      let approvers = [try issuer.sponsor(), try issuer.partnerManager()]
      let wishes = (0..<Self.journeys).map(Wish.init)
      try await eventually(within: .seconds(300), equals: wishes.count { $0 != .workshop }) {
        for approver in approvers {
          let waiting = try await persistently { try await running.desk.pending(for: approver) }
          for (stage, approvals) in Dictionary(grouping: waiting, by: \.stage) {
            _ = try await persistently {
              try await running.desk.approveAll(approvals.map(\.id), by: approver, in: stage)
            }
          }
        }
        // The database may be away just now.
        let approved = try? await running.number(
          "SELECT count(*) FROM approval.approval WHERE state = 'approved'")
        return approved ?? 0
      }
    }

    /// Repeats a call whose answer a crash has swallowed; a refusal is an answer.
    private func persistently<Answer: Sendable>(
      _ call: @Sendable () async throws -> Answer
    ) async throws -> Answer {
      var answer: Answer?
      try await eventually(within: .seconds(120), "an answer") {
        do {
          answer = try await call()
          return true
        } catch let error as RPCError
          where error.refusal == nil || [.resourceExhausted, .unavailable].contains(error.code)
        {
          return false
        }
      }
      return try #require(answer)
    }

    // MARK: What happens to them

    /// What happens after how many journeys have begun.
    private func planned(_ seed: UInt64) -> [(after: Int, Disaster)] {
      var random = SeededRandom(seed)
      // The first kills meet every copy of every service; further ones meet anybody.
      let victims = Array(0..<8).shuffled(using: &random) + [Int.random(in: 0..<8, using: &random)]
      let disasters =
        (victims + [Int.random(in: 0..<8, using: &random)]).map(Disaster.kill) + [
          .restartBroker, .restartDatabase,
        ]
      return disasters.shuffled(using: &random).map { (Int.random(in: 50..<1_900, using: &random), $0) }
        .sorted { $0.after < $1.after }
    }

    private func happen(
      _ disasters: [(after: Int, Disaster)], _ progress: Progress, _ running: RunningSystem
    ) async throws {
      for (after, disaster) in disasters {
        try await eventually(within: .seconds(180), "journey \(after)") {
          try await running.supervise()
          return progress.begun >= after
        }
        print("CrashTests: after \(after) journeys \(disaster)")
        try await running.strike(disaster)
      }
      try await running.becomesReady()
    }

    // MARK: What must be true afterwards

    private func everyJourneyIsWhole(_ crowd: [Journey], _ running: RunningSystem) async throws {
      let ids = Set(crowd.map(\.id))
      let grants = crowd.count + crowd.count { $0.wish == .phoenix }
      #expect(ids.count == Self.journeys)
      #expect(Set(try await running.rows("SELECT id FROM intake.request")) == ids)
      #expect(
        Set(try await running.rows("SELECT id FROM provisioning.assignment WHERE state = 'delivered'")) == ids
      )
      #expect(try await running.number("SELECT count(*) FROM provisioning.assignment") == Self.journeys)
      #expect(try await running.number("SELECT count(*) FROM directory.\"user\"") == Self.journeys)
      #expect(try await running.number("SELECT count(*) FROM directory.membership") == grants)
      #expect(try await misgranted(running) == 0)
      #expect(try await misdecided(running) == 0)
      #expect(try await mistimed(running) == 0)
    }

    /// Assignments whose guest does not hold exactly the roles of its package: one, or two of Project Phoenix.
    private func misgranted(_ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM provisioning.assignment a
        WHERE (CASE a.access_package WHEN '\(running.sample.phoenix)' THEN 2 ELSE 1 END) <> (
          SELECT count(*) FROM directory.membership m JOIN directory."user" u ON u.id = m."user"
          WHERE u.owner_mark = a.target::text)
        """)
    }

    /// Approvals without exactly one decision a stage.
    private func misdecided(_ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM approval.approval a
        WHERE state <> 'approved' OR jsonb_array_length(stages) <> (
            CASE access_package WHEN '\(running.package(of: .archive))' THEN 2 ELSE 1 END)
          OR EXISTS (
            SELECT 1 FROM jsonb_array_elements(stages) AS s WHERE jsonb_array_length(s -> 'decisions') <> 1)
        """)
    }

    /// Assignments without exactly one timer, which rings at their end or at a notice before it.
    private func mistimed(_ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM provisioning.assignment a
        WHERE 1 <> (
          SELECT count(*) FROM expiry.deadline d
          WHERE d.aggregate = a.id AND d.ends_at = a.ends_at AND d.due_at <= a.ends_at)
        """)
    }
  }
}

extension RunningSystem {
  fileprivate func package(of wish: WholeSystem.CrashTests.Wish) -> UUID {
    switch wish {
    case .workshop: sample.workshop
    case .phoenix: sample.phoenix
    case .archive: sample.package("design-archive")
    }
  }
}

/// How many journeys have begun.
private final class Progress: Sendable {
  private let count = Mutex(0)
  var begun: Int { count.withLock(\.self) }
  func advance() { count.withLock { $0 += 1 } }
}
