import EntitlementModel
import Foundation
import LocalSystem
import Messaging
import Protocols
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: who did what can be read, and proved, through all services.
  @Suite("Audit") struct AuditTests {
    @Test(
      "A request's way is recorded in every service by whom it was done, and what is tampered with is found")
    func way() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.policies)
      let (desk, sample) = (running.desk, running.sample)
      let person = try await running.system.issuer.strangers(1)[0]
      let sponsor = try running.system.issuer.sponsor()
      let asked = try await desk.submit(
        sample.package("design-archive"), by: person,
        answers: ["project": ["DE-4711"], "material": ["models", "drawings"]])
      try await running.awaitPending([asked.id])
      try await desk.decide(asked.id, .deny, by: sponsor)
      try await eventually(equals: 1) { try await running.requests([asked.id], in: "denied") }
      try await running.comesToRest()

      let lines = try await running.vestibule(
        "audit", "export", "--tenant", sample.name, "--object", asked.id
      ).split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      #expect(
        lines.map { "\($0["service"] ?? "") \($0["action"] ?? "") \($0["role"] ?? "")" } == [
          "request-intake request.submitted person", "request-intake request.denied system",
          "approval approval.stage-opened system", "approval approval.completed approver",
        ])
      let words = try #require(lines[0]["words"] as? [String: String])
      #expect(words["justification"] == "Working with Contoso")
      #expect(words["answer.project"] == "DE-4711")
      #expect((lines[3]["words"] as? [String: String])?["justification"] == "Known to Fabrikam")

      let sound = try await running.vestibule("audit", "verify", "--tenant", sample.name)
      for service in ServiceName.allCases { #expect(sound.contains("\(service.rawValue): sound")) }
      let position = try await running.number(
        "SELECT max(position) FROM approval.audit WHERE object = '\(asked.id)'")
      func tamper(_ verdict: String) async throws {
        _ = try await running.rows(
          "UPDATE approval.audit SET action = '\(verdict)' WHERE position = \(position) AND object = '\(asked.id)'"
        )
      }
      try await tamper("approval.decided")
      await #expect(throws: (any Error).self) {
        try await running.vestibule("audit", "verify", "--tenant", sample.name, "--service", "approval")
      }
      try await tamper("approval.completed")
      try await running.vestibule("audit", "verify", "--tenant", sample.name)

      // The newest row, and the head with it: what the service has told the others is longer.
      let (tenant, elsewhere) = (running.desk.tenant, UUID())
      let end = try await running.number(
        "SELECT max(position) FROM approval.audit WHERE tenant = '\(tenant)'")
      func putHead(_ position: Int) async throws {
        _ = try await running.rows(
          """
          UPDATE approval.audit_head h SET position = a.position, hash = a.hash FROM approval.audit a
          WHERE h.tenant = '\(tenant)' AND a.tenant = h.tenant AND a.position = \(position)
          """)
      }
      func move(from old: UUID, to new: UUID) async throws {
        _ = try await running.rows(
          "UPDATE approval.audit SET tenant = '\(new)' WHERE tenant = '\(old)' AND position = \(end)")
      }
      try await move(from: tenant, to: elsewhere)
      try await putHead(end - 1)
      await #expect(throws: (any Error).self) {
        try await running.vestibule("audit", "verify", "--tenant", sample.name, "--service", "approval")
      }
      try await move(from: elsewhere, to: tenant)
      try await putHead(end)
      try await running.vestibule("audit", "verify", "--tenant", sample.name)
    }
  }
}
