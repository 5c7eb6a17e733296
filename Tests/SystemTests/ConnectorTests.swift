import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: a directory that fails costs time; what was decided is what comes to be.
  @Suite("An unreliable directory") struct ConnectorTests {
    @Test("Fifty approvals while the directory is down are all delivered when it is back")
    func directoryDown() async throws {
      let running = try await RunningSystem.shared()
      let (people, desk) = (try await running.system.issuer.strangers(50), running.desk)
      let asked = try await concurrently(people.count) { number in
        try await desk.submit(running.sample.phoenix, by: people[number])
      }
      try running.fail("down")
      try await running.approve(asked.map(\.id))
      try await eventually(within: .seconds(60), equals: 50) {
        try await running.number("SELECT count(*) FROM provisioning.guest_work WHERE attempts > 0")
      }
      #expect(try await running.memberships(of: asked.map(\.target.subject)) == 0)
      try running.fail(nil)
      try await eventually(within: .seconds(90), equals: 50) {
        try await running.requests(asked.map(\.id), in: "delivered")
      }
      #expect(try await running.memberships(of: asked.map(\.target.subject)) == 100)
      try await running.comesToRest()
    }

    /// Each time the dead worker's lease has to pass.
    @Test(
      "A worker killed between the directory's effect and its record delivers once, and removes in the end")
    func killedWorker() async throws {
      let running = try await RunningSystem.shared()
      let person = try await running.system.issuer.strangers(1)[0]
      try running.fail("killed")
      let asked = try await running.desk.submit(running.sample.workshop, by: person)
      try await reviveProvisioning(running)
      try await eventually(within: .seconds(90), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      #expect(try await running.memberships(of: [asked.target.subject]) == 1)
      #expect(try await running.users(of: [asked.target.subject]) == 1)

      try running.fail("killed")
      try await running.desk.giveBack(asked.assignment, by: person)
      try await reviveProvisioning(running)
      try await eventually(within: .seconds(90), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      #expect(try await running.memberships(of: [asked.target.subject]) == 0)
      try await running.comesToRest()
    }

    /// Waits until the service has killed itself, and starts it again with a sound directory.
    private func reviveProvisioning(_ running: RunningSystem) async throws {
      let service = running.system.copies(of: .provisioning)[0]
      try await eventually(within: .seconds(60), "provisioning dies") { await !service.isRunning }
      try running.fail(nil)
      try await service.start()
      try await service.waitUntilReady()
    }

    @Test("A deletion that races with a new approval ends in one live guest")
    func deletionRacesApproval() async throws {
      let running = try await RunningSystem.shared()
      let (people, desk) = (try await running.system.issuer.strangers(20), running.desk)
      let first = try await concurrently(people.count) { number in
        try await desk.submit(running.sample.workshop, by: people[number])
      }
      try await eventually(within: .seconds(60), equals: 20) {
        try await running.requests(first.map(\.id), in: "delivered")
      }
      _ = try await concurrently(people.count) { number in
        try await desk.giveBack(first[number].assignment, by: people[number])
      }
      let subjects = first.map(\.target.subject)
      try await eventually(within: .seconds(60), equals: 20) { try await awaitingDeletion(subjects, running) }

      try await bringDeletionForward(subjects, running)
      let second = try await concurrently(people.count, atMost: 2) { number in
        try await desk.submit(running.sample.workshop, by: people[number])
      }
      try await eventually(within: .seconds(60), equals: 20) {
        try await running.requests(second.map(\.id), in: "delivered")
      }
      try await running.comesToRest()
      #expect(try await running.memberships(of: subjects) == 20)
      #expect(try await running.users(of: subjects) == 20)
      let live = try await running.number(
        "SELECT count(*) FROM provisioning.guest WHERE \(isOne(of: subjects)) AND presence = 'active'")
      #expect(live == 20)
    }

    private func awaitingDeletion(_ subjects: [String], _ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM provisioning.guest JOIN expiry.deadline d ON d.aggregate = id
        WHERE \(isOne(of: subjects)) AND presence = 'blocked' AND d.ends_at = delete_due_at
        """)
    }

    /// As if thirty days had passed, for the owner and for the clock alike: guest after guest within the next second,
    /// while they ask again.
    private func bringDeletionForward(_ subjects: [String], _ running: RunningSystem) async throws {
      _ = try await running.rows(
        """
        BEGIN;
        CREATE TEMPORARY TABLE moved ON COMMIT DROP AS
          SELECT id, clock_timestamp() + row_number() OVER (ORDER BY id) * interval '50 milliseconds' AS due
          FROM provisioning.guest WHERE \(isOne(of: subjects));
        UPDATE provisioning.guest g SET delete_due_at = due FROM moved WHERE moved.id = g.id;
        UPDATE expiry.deadline SET due_at = due, ends_at = due FROM moved WHERE moved.id = aggregate;
        COMMIT
        """)
    }

    private func isOne(of subjects: [String]) -> String { "id = ANY('{\(subjects.joined(separator: ","))}')" }
  }
}
