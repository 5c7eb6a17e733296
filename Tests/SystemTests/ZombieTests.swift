import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: the number of zombies is measured, and is zero unless somebody makes one up.
  @Suite("Zombies") struct ZombieTests {
    @Test(
      "A guest who should have gone is counted by the metric and named by the command; when gone, neither")
    func madeUp() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let person = try await running.system.issuer.strangers(1)[0]
      let asked = try await running.desk.submit(running.sample.workshop, by: person)
      let guest = asked.target.subject
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([asked.id], in: "delivered")
      }
      try await running.desk.giveBack(asked.assignment, by: person)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      try await running.comesToRest()
      #expect(try await metric(running) == 0)
      #expect(try await zombies(running).contains("no zombies"))

      _ = try await running.rows(
        """
        UPDATE provisioning.assignment SET ended_at = ended_at - interval '1 hour' WHERE id = '\(asked.id)';
        UPDATE provisioning.guest SET presence = 'active' WHERE id = '\(guest)'
        """)
      #expect(try await metric(running) == 1)
      #expect(try await zombies(running).contains(guest))
      _ = try await running.rows("UPDATE provisioning.guest SET presence = 'blocked' WHERE id = '\(guest)'")
      #expect(try await metric(running) == 0)
    }

    private func zombies(_ running: RunningSystem) async throws -> String {
      try await running.vestibule("guest", "zombies", "--tenant", running.sample.name)
    }

    private func metric(_ running: RunningSystem) async throws -> Double? {
      try await running.metric("vestibule_zombie_guests", of: .provisioning)
    }
  }
}
