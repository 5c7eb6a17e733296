import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import SwiftProtobuf
import TestSupport
import Testing

extension WholeSystem {
  /// Goal: access goes on under another policy, through all services, and what has drifted is put right by hand.
  @Suite("Another policy") struct MovingTests {
    @Test(
      "A visitor becomes a resident with the sponsor's yes, keeps access meanwhile, and is moved back by hand"
    )
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

      let word = ["--tenant", "contoso"]
      try await running.vestibule(["assignments", "move", made.id, "design-studio-visitors"] + word)
      try await eventually(within: .seconds(60), equals: 1) {
        try await isHeld(under: "design-studio-visitors", days: 7)
      }
      // What somebody took away at the target is there again.
      _ = try await running.rows(
        """
        DELETE FROM directory.membership m USING directory."user" u
        WHERE (u.tenant, u.id) = (m.tenant, m."user") AND u.owner_mark = '\(made.target.subject)'
        """)
      try await running.vestibule(["assignments", "reprocess", made.id] + word)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.memberships(of: [made.target.subject])
      }
      #expect(try await running.vestibule(["requests", "reprocess", made.id] + word).contains("delivered"))
      // Of all in a state it says how many they are, and does nothing before it is told to.
      let question = try await running.vestibule(["requests", "reprocess", "--state", "delivered"] + word)
      #expect(question.contains("requests are delivered: say --yes"))
      let list = try await running.vestibule(
        ["requests", "list", "--person", made.target.subject, "--type", "userUpdate", "--json"] + word)
      let listed = try list.split(separator: "\n").map {
        try Vestibule_Model_V1_Request(jsonString: String($0))
      }
      #expect(listed.contains { $0.id == asked.id } && listed.allSatisfy { $0.requestType == .userUpdate })
      let shown = try await running.vestibule(["requests", "show", asked.id] + word)
      #expect(shown.contains("stage 1 opened") && shown.contains("done: Delivered"))
      let refused = await #expect(throws: (any Error).self) {
        try await running.vestibule(["requests", "cancel", asked.id] + word)
      }
      #expect(refused != nil)
      try await running.comesToRest()
    }
  }
}
