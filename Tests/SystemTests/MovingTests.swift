import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

extension WholeSystem {
  /// Goal: access goes on under another policy, through all services.
  @Suite("Another policy") struct MovingTests {
    @Test("A visitor becomes a resident with the sponsor's yes, and keeps access meanwhile")
    func moves() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let (tenant, studio) = (running.sample.id.text, running.sample.package("design-studio"))
      let requests = running.desk.intake[0].requests
      func policy(_ name: String) -> String {
        UUID(namedBy: [tenant, "assignmentPolicy", name]).text
      }
      let person = try await running.system.issuer.strangers(1)[0]
      let made = try await requests.submit(
        .with {
          ($0.tenant, $0.accessPackage) = (tenant, studio.text)
          $0.assignmentPolicy = policy("design-studio-visitors")
        }, metadata: .bearer(person.token), options: TestClient.options)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.requests([made.id], in: "delivered")
      }
      let asked = try await requests.changePolicy(
        .with {
          ($0.tenant, $0.assignment) = (tenant, made.id)
          $0.assignmentPolicy = policy("design-studio-residents")
        }, metadata: .bearer(person.token), options: TestClient.options)
      #expect(asked.state == .pendingApproval && asked.requestType == .userUpdate)
      #expect(try await running.memberships(of: [made.target.subject]) == 1)
      try await running.awaitPending([asked.id])
      try await running.desk.decide(asked.id, .approve, by: running.system.issuer.sponsor())
      func isHeld(under name: String, days: Int) async throws -> Int {
        try await running.number(
          """
          SELECT count(*) FROM provisioning.assignment a JOIN expiry.deadline d ON d.aggregate = a.id
          WHERE a.id = '\(made.id)' AND a.state = 'delivered' AND a.assignment_policy = '\(policy(name))'
            AND d.ends_at = a.ends_at AND abs(extract(epoch FROM a.ends_at - now()) - \(days) * 86400) < 3600
          """)
      }
      try await eventually(within: .seconds(60), equals: 1) {
        try await isHeld(under: "design-studio-residents", days: 90)
      }
      #expect(try await running.requests([asked.id], in: "delivered") == 1)
      #expect(try await running.memberships(of: [made.target.subject]) == 1)
      try await running.comesToRest()
    }
  }
}
