import EntitlementModel
import Foundation
import LocalSystem
import Protocols
import TestSupport
import Testing

extension WholeSystem {
  /// Goal: of whoever is erased nothing is left, by looking everywhere.
  @Suite("Erasure (decision 27)") struct ErasureTests {
    @Test("No table of any service knows a person who was erased, and every chain of the audit holds")
    func erased() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      let (desk, sample) = (running.desk, running.sample)
      let person = try await running.system.issuer.strangers(1)[0]
      let address = "\(person.name)@fabrikam.example"
      let values = [person.name, address]
      let asked = try await desk.submit(sample.workshop, by: person)
      let id = asked.target.subject
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "delivered")
      }
      func erase(_ more: String...) async throws -> String {
        try await running.vestibule(["person", "erase", id] + more + ["--tenant", sample.name])
      }
      await #expect(throws: (any Error).self) { try await erase() }
      try await running.person("hold", address, "--reason", "lawsuit")
      try await running.person("end", address)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.assignments([asked.id], in: "expired")
      }
      let obstacles = try await erase("--dry-run")
      #expect(obstacles.contains("legal hold") && obstacles.contains("account has not been deleted"))

      // Thirty days later.
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number(
          "SELECT count(*) FROM expiry.deadline WHERE aggregate = '\(id)' AND due_at > now()")
      }
      _ = try await running.rows(
        """
        UPDATE provisioning.guest SET delete_due_at = '2026-01-02T00:00:00Z' WHERE id = '\(id)';
        UPDATE expiry.deadline SET kind = 'guest-deletion', due_at = '2026-01-02T00:00:00Z',
          ends_at = '2026-01-02T00:00:00Z' WHERE aggregate = '\(id)'
        """)
      try await eventually(within: .seconds(60), equals: 1) {
        try await running.number("SELECT count(*) FROM intake.guest_deletion WHERE subject = '\(id)'")
      }
      await #expect(throws: (any Error).self) { try await erase() }
      try await running.person("release", id, "--reason", "settled")
      #expect(try await erase("--dry-run").contains("can be erased"))
      #expect(try await !running.traces(of: values).isEmpty)
      #expect(try await erase().contains("erased"))
      try await eventually(within: .seconds(60), "no trace is left") {
        try await running.traces(of: values).isEmpty
      }
      #expect(
        try await running.number("SELECT count(*) FROM intake.request WHERE target_subject = '\(id)'") > 0)
      try await running.comesToRest()
      let verified = try await running.vestibule("audit", "verify", "--tenant", sample.name)
      #expect(verified.contains("the words of"))
    }
  }
}

extension RunningSystem {
  /// The tables of all services in which one of these values is kept.
  func traces(of values: [String]) async throws -> [String] {
    let tables = try await rows(
      Traces.tables(of: ["intake", "approval", "provisioning", "expiry", "directory"]))
    // Not more in one statement than a program is given as its input.
    var found: [String] = []
    for start in stride(from: 0, to: tables.count, by: 40) {
      let some = Array(tables[start..<min(start + 40, tables.count)])
      found += try await rows(Traces.search(some, for: values))
    }
    return found
  }
}
