import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: what is granted for later begins then, for whoever may have it then.
  @Suite("Planned starts") struct ScheduledStartTests {
    @Test("A planned start keeps its guest, and begins on time; whoever is barred by then gets nothing")
    func begins() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let (desk, sample) = (running.desk, running.sample)
      let people = try await running.system.issuer.strangers(3)
      let held = try await desk.submit(sample.workshop, by: people[0])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([held.id], in: "delivered")
      }
      let start = Date(timeIntervalSinceNow: 30)
      let planned = try await concurrently(3) { number in
        try await desk.submit(sample.package("order-entry"), by: people[number], start: start)
      }
      #expect(planned.allSatisfy { $0.state == .scheduled })
      try await desk.giveBack(held.assignment, by: people[0])
      try await running.withSecondAdministrator {
        try await running.person("cut-off", "\(people[1].name)@fabrikam.example", "--reason", "stolen laptop")
      }
      _ = try await desk.cancel(planned[2].id, by: people[2])
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([held.id], in: "expired")
      }
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([planned[0].id], in: "delivered")
      }
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([planned[1].id], in: "deliveryFailed")
      }
      try await running.comesToRest()
      #expect(try await running.requests([planned[2].id], in: "canceled") == 1)
      // The guest was never blocked: nobody has been told so.
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM provisioning.guest
          WHERE id = '\(held.target.subject)' AND presence = 'active' AND blocked_at IS NULL AND live_assignments = 1
          """) == 1)
      #expect(
        try await running.number(
          "SELECT count(*) FROM provisioning.audit WHERE object = '\(held.target.subject)' AND action = 'guest.blocked'"
        ) == 0)
      #expect(try await running.memberships(of: planned.map(\.target.subject)) == 1)
    }
  }
}
