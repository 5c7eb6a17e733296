import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: of things that happen at once, each happens once.
  @Suite("Races") struct RaceTests {
    private typealias Outcome = (id: String?, refusal: Refusal?)

    @Test("Twenty equal submissions at once make one request")
    func equalSubmissions() async throws {
      let running = try await RunningSystem.shared()
      let (person, desk) = (try await running.system.issuer.strangers(1)[0], running.desk)
      let outcomes = try await concurrently(20) { _ in
        try await outcome { try await desk.submit(running.sample.phoenix, by: person).id }
      }
      let taken = outcomes.compactMap(\.id)
      #expect(taken.count == 1)
      let refusals = outcomes.compactMap(\.refusal)
      #expect(refusals.count == 19)
      #expect(refusals.allSatisfy { $0.reasons.map(\.code) == [.openRequestExists] })
      #expect(refusals.allSatisfy { $0.reasons.map(\.hint) == taken })
    }

    @Test("Twenty submissions with one idempotency key at once have one answer")
    func idempotentSubmissions() async throws {
      let running = try await RunningSystem.shared()
      let (person, desk) = (try await running.system.issuer.strangers(1)[0], running.desk)
      let ids = try await concurrently(20) { _ in
        try await desk.submit(running.sample.phoenix, by: person, key: "once").id
      }
      #expect(Set(ids).count == 1)
    }

    @Test("Twenty approvals of one request at once are one decision and nineteen clear refusals")
    func equalApprovals() async throws {
      let running = try await RunningSystem.shared()
      let (person, desk) = (try await running.system.issuer.strangers(1)[0], running.desk)
      let sponsor = try running.system.issuer.sponsor()
      let asked = try await desk.submit(running.sample.phoenix, by: person)
      try await running.awaitPending([asked.id])
      let outcomes = try await concurrently(20) { _ in
        try await outcome { try await desk.decide(asked.id, .approve, by: sponsor).id }
      }
      #expect(outcomes.compactMap(\.id).count == 1)
      #expect(outcomes.compactMap(\.refusal).count == 19)
      #expect(outcomes.compactMap(\.refusal).allSatisfy { $0.reasons.map(\.code) == [.alreadyDecided] })
      try await eventually(within: .seconds(60), equals: 2) {
        try await running.memberships(of: [asked.target.subject])
      }
    }

    private func outcome(_ call: () async throws -> String) async throws -> Outcome {
      var id: String?
      let refused = try await refusal { id = try await call() }
      return (id, refused)
    }
  }
}
