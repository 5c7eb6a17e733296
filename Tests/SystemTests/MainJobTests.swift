import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: people of a partner get access, use it and lose it, as the sample tenant says.
  @Suite("The main job") struct MainJobTests {
    @Test("Fifty people ask, are approved, are delivered, give back, and are blocked with a day of deletion")
    func wholeJourney() async throws {
      let running = try await RunningSystem.shared()
      let (people, desk) = (try await running.system.issuer.strangers(50), running.desk)
      let asked = try await concurrently(people.count) { number in
        try await desk.submit(running.sample.phoenix, by: people[number])
      }
      let (ids, subjects) = (asked.map(\.id), asked.map(\.target.subject))
      #expect(asked.allSatisfy { $0.state == .pendingApproval })

      try await running.approve(ids)
      try await eventually(within: .seconds(60), equals: 50) {
        try await running.requests(ids, in: "delivered")
      }
      #expect(try await running.memberships(of: subjects) == 100)
      #expect(try await desk.request(ids[0], of: people[0]).status == "Delivered")
      let early = try await refusal { try await desk.extend(asked[0].assignment, by: people[0]) }
      #expect(early?.reasons.map(\.code) == [.extensionTooEarly])

      _ = try await concurrently(people.count) { number in
        try await desk.giveBack(asked[number].assignment, by: people[number])
      }
      try await eventually(within: .seconds(60), equals: 50) {
        try await running.assignments(ids, in: "expired")
      }
      #expect(try await running.memberships(of: subjects) == 0)
      try await eventually(within: .seconds(60), equals: 50) { try await blocked(subjects, running) }
      try await running.comesToRest()
    }

    /// Guests that are blocked and will be deleted in thirty days, give or take the test's own minutes.
    private func blocked(_ subjects: [String], _ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM provisioning.guest
        JOIN expiry.deadline d ON d.aggregate = id AND d.ends_at = delete_due_at
        WHERE id = ANY('{\(subjects.joined(separator: ","))}') AND presence = 'blocked'
          AND delete_due_at BETWEEN now() + interval '29 days 23 hours' AND now() + interval '30 days'
        """)
    }

    @Test("What the sponsor denies is not delivered, and may be asked for again")
    func denial() async throws {
      let running = try await RunningSystem.shared()
      let (person, sponsor) = (
        try await running.system.issuer.strangers(1)[0], try running.system.issuer.sponsor()
      )
      let asked = try await running.desk.submit(running.sample.phoenix, by: person)
      try await running.awaitPending([asked.id])
      try await running.desk.decide(asked.id, .deny, by: sponsor)
      try await eventually(equals: 1) { try await running.requests([asked.id], in: "denied") }
      let late = try await refusal { try await running.desk.decide(asked.id, .approve, by: sponsor) }
      #expect(late?.reasons.map(\.code) == [.alreadyDecided])
      #expect(try await running.memberships(of: [asked.target.subject]) == 0)
      #expect(try await running.desk.submit(running.sample.phoenix, by: person).id != asked.id)
    }

    @Test("A request that is taken back can not be approved any more")
    func cancellation() async throws {
      let running = try await RunningSystem.shared()
      let (person, sponsor) = (
        try await running.system.issuer.strangers(1)[0], try running.system.issuer.sponsor()
      )
      let asked = try await running.desk.submit(running.sample.phoenix, by: person)
      try await running.awaitPending([asked.id])
      #expect(try await running.desk.cancel(asked.id, by: person).state == .canceled)
      try await eventually {
        try await refusal { try await running.desk.decide(asked.id, .approve, by: sponsor) } != nil
      }
      #expect(try await running.desk.cancel(asked.id, by: person).state == .canceled)
      #expect(try await running.requests([asked.id], in: "canceled") == 1)
    }

    @Test("Who writes from a denied domain is refused before anybody's time is spent")
    func deniedDomain() async throws {
      let running = try await RunningSystem.shared()
      let person = try running.system.issuer.stranger(domain: "mailinator.example")
      let refused = try await refusal {
        try await running.desk.submit(running.sample.phoenix, by: person)
      }
      #expect(refused?.reasons.map(\.code).contains(.domainDenied) == true)
    }

    @Test("A second open request is refused with the first one's id")
    func secondRequest() async throws {
      let running = try await RunningSystem.shared()
      let person = try await running.system.issuer.strangers(1)[0]
      let first = try await running.desk.submit(running.sample.phoenix, by: person)
      let refused = try await refusal {
        try await running.desk.submit(running.sample.phoenix, by: person)
      }
      #expect(refused?.reasons.map(\.code) == [.openRequestExists])
      #expect(refused?.reasons.first?.hint == first.id)
    }
  }
}
