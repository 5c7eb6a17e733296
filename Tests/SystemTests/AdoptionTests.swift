import Contracts
import EntitlementModel
import Foundation
import LocalSystem
import Testing
import TestSupport

extension WholeSystem {
  /// Goal: an existing tenant's guests come under governance with what they have, and go like all others.
  @Suite("Adopting existing guests") struct AdoptionTests {
    private static let count = 10_000

    @Test("10,000 people keep what they have, get nothing twice, and lose it when their organization ends")
    func adopt() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply()
      try await running.apply(SampleTenant.organizations)
      let mark = "adopted-\(UUID().uuidString.prefix(8).lowercased())"
      try await existing(mark, in: running)
      let (people, results) = try file(mark, in: running)

      #expect(
        try await adopt(people, running, "--dry-run").contains("\(Self.count) would be adopted"))
      #expect(
        try await running.number("SELECT count(*) FROM intake.subject WHERE email LIKE '\(mark)%'") == 0)
      let first = try await adopt(people, running, "--results", results.path)
      #expect(first.contains("\(Self.count) adopted"))
      #expect(try String(contentsOf: results, encoding: .utf8).split(separator: "\n").count == Self.count + 1)
      #expect(try await adopt(people, running).contains("\(Self.count) adopted before"))

      try await eventually(within: .seconds(120), equals: Self.count) {
        try await running.number(
          "SELECT count(*) FROM provisioning.assignment a WHERE \(Self.of(mark)) AND state = 'delivered'")
      }
      #expect(try await memberships(mark, running) == Self.count)
      #expect(
        try await running.number(
          """
          SELECT count(*) FROM provisioning.entitlement e JOIN provisioning.guest g ON g.id = e.guest
          WHERE g.email LIKE '\(mark)%' AND e.provenance = 'found' AND g.is_governed
          """) == Self.count)
      let days = try await running.rows(
        """
        SELECT min(ends_at - now()) > '14 days', max(ends_at - now()) < '20 days', count(DISTINCT ends_at) > \(Self.count * 95 / 100)
        FROM provisioning.assignment a WHERE \(Self.of(mark))
        """)
      #expect(days == ["t|t|t"])

      try await running.withSecondAdministrator { try await running.organizations("end", "northwind") }
      try await eventually(within: .seconds(120), equals: Self.count) {
        try await running.number(
          "SELECT count(*) FROM provisioning.guest WHERE email LIKE '\(mark)%' AND presence = 'blocked'")
      }
      #expect(try await memberships(mark, running) == 0)
      // The accounts are not ours to touch.
      #expect(
        try await running.number(
          "SELECT count(*) FROM directory.user WHERE email LIKE '\(mark)%' AND is_enabled") == Self.count)
      #expect(
        try await running.vestibule("guest", "zombies", "--tenant", running.sample.name).contains(
          "no zombies"))
      try await running.organizations("reopen", "northwind")
      try await running.comesToRest()
    }

    @Test("Bad lines are told with what would be right, and the others are done")
    func badLines() async throws {
      let running = try await RunningSystem.shared()
      try await running.apply(SampleTenant.organizations)
      let mark = "bad-\(UUID().uuidString.prefix(8).lowercased())"
      let (people, results) = (path("\(mark).csv", running), path("\(mark)-results.csv", running))
      let good = "\(mark)@northwind.example"
      try """
      email,organization,package,end
      \(good),northwind,northwind-files,
      nobody,northwind,northwind-files,
      \(mark)-2@northwind.example,southwind,northwind-files,
      \(mark)-3@northwind.example,northwind,northwind-files,2000-01-01
      """.write(to: people, atomically: true, encoding: .utf8)
      await #expect(throws: (any Error).self) { try await adopt(people, running, "--results", results.path) }
      let lines = try String(contentsOf: results, encoding: .utf8).split(separator: "\n").map(String.init)
      #expect(lines.count == 5)
      let expected = [
        "adopted", "name@fabrikam.example", "there is no organization `southwind`", "endPassed",
      ]
      for (line, words) in zip(lines.dropFirst(), expected) { #expect(line.contains(words), "\(line)") }
      #expect(
        try await running.number("SELECT count(*) FROM intake.request WHERE target_email = '\(good)'") == 1)
      try await running.comesToRest()
    }

    /// People whom the directory knows and who have access already, made by somebody else.
    private func existing(_ mark: String, in running: RunningSystem) async throws {
      _ = try await running.rows(
        """
        WITH people AS (
          INSERT INTO directory.user
          SELECT '\(running.sample.id.text)', gen_random_uuid(), '\(mark)-' || i || '@northwind.example',
            '\(mark)-' || i || '@northwind.example', 'Person ' || i, true, 'somebody else'
          FROM generate_series(1, \(Self.count)) AS i RETURNING tenant, id)
        INSERT INTO directory.membership SELECT tenant, id, 'northwind-files', 'visitor' FROM people
        """)
    }

    private func file(_ mark: String, in running: RunningSystem) throws -> (people: URL, results: URL) {
      let people = path("\(mark).csv", running)
      let lines = (1...Self.count).map {
        "\(mark)-\($0)@northwind.example,Person \($0),northwind,northwind-files"
      }
      try (["e-mail,display name,organization,package"] + lines).joined(separator: "\n")
        .write(to: people, atomically: true, encoding: .utf8)
      return (people, path("\(mark)-results.csv", running))
    }

    private func adopt(_ people: URL, _ running: RunningSystem, _ more: String...) async throws -> String {
      try await running.vestibule(
        ["adopt", "-f", people.path, "--tenant", running.sample.name, "--ends-between", "P15D,P19D"] + more)
    }

    private func memberships(_ mark: String, _ running: RunningSystem) async throws -> Int {
      try await running.number(
        """
        SELECT count(*) FROM directory.membership m JOIN directory.user u ON u.tenant = m.tenant AND u.id = m.user
        WHERE u.email LIKE '\(mark)%'
        """)
    }

    private func path(_ name: String, _ running: RunningSystem) -> URL {
      running.system.options.directory.appending(path: name)
    }

    private static func of(_ mark: String) -> String { "a.email LIKE '\(mark)%'" }
  }
}
